// The controller: the function app and all that it stands on, away from the region that it protects.
targetScope = 'subscription'

@description('Name of the environment; part of every name.')
param environmentName string

@description('Region where the workload runs in the normal state. Nothing of the controller may be there.')
param preferredLocation string

@description('Region of the controller: the standby region, or a third one.')
param controllerLocation string

@allowed([ 'flex', 'premium' ])
@description('Plan of the function app: Flex Consumption, or Elastic Premium for its health check and VM class.')
param hosting string = 'flex'

@description('Spreads app and storage over availability zones. The region must have them: West US has none.')
param zoneRedundant bool = false

@description('What FARSHORE_LOG says: a level, or directives.')
param logFilter string = 'info'

@description('Client id of the Entra application that callers must have a token for. Empty: function keys alone.')
param entraClientId string = ''

@description('For how many days logs are kept, and for how many what is deleted in the journals\' account can be brought back.')
@minValue(30)
@maxValue(365)
param retentionDays int = 90

@description('For how many days it is kept what a journal record was before somebody changed or deleted it. The records themselves never expire.')
@minValue(366)
param evidenceDays int = 400

@description('For how many days old states of watches, plans and the like are kept.')
@minValue(7)
param historyDays int = 30

@description('Tags of every resource.')
param tags object = {}

// A controller in the lost region would be lost with it.
var location = toLower(replace(controllerLocation, ' ', '')) == toLower(replace(preferredLocation, ' ', ''))
  ? fail('controllerLocation must not be preferredLocation: the controller would be lost with the region')
  : controllerLocation
var token = toLower(uniqueString(subscription().id, environmentName, 'controller'))
var allTags = union(tags, { 'azd-env-name': environmentName })

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}-controller'
  location: location
  tags: allTags
}

module identity 'identity.bicep' = {
  name: 'controller-identity'
  scope: group
  params: { name: 'id-${environmentName}-controller', location: location, tags: allTags }
}

module storage 'storage.bicep' = {
  name: 'controller-storage'
  scope: group
  params: { token: token, location: location, zoneRedundant: zoneRedundant, retentionDays: retentionDays, evidenceDays: evidenceDays, historyDays: historyDays, tags: allTags }
}

module serviceBus 'service-bus.bicep' = {
  name: 'controller-service-bus'
  scope: group
  params: { name: 'sb-${token}', location: location, tags: allTags }
}

module monitoring 'monitoring.bicep' = {
  name: 'controller-monitoring'
  scope: group
  params: { token: token, location: location, retentionDays: retentionDays, tags: allTags }
}

// The host reads storage and queues as it starts, so the identity has its roles before the app is there.
module dataRoles 'data-roles.bicep' = {
  name: 'controller-data-roles'
  scope: group
  params: {
    principalId: identity.outputs.principalId
    hostAccountName: storage.outputs.hostAccountName
    journalAccountName: storage.outputs.journalAccountName
    serviceBusName: serviceBus.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module settings 'settings.bicep' = {
  name: 'controller-settings'
  scope: group
  params: {
    clientId: identity.outputs.clientId
    hostAccountName: storage.outputs.hostAccountName
    journalContainerUrl: storage.outputs.journalContainerUrl
    leaseContainerUrl: storage.outputs.leaseContainerUrl
    serviceBusName: serviceBus.outputs.name
    insightsConnectionString: monitoring.outputs.connectionString
    logFilter: logFilter
  }
}

module flex 'function-flex.bicep' = if (hosting == 'flex') {
  name: 'controller-function-app'
  scope: group
  dependsOn: [ dataRoles ]
  params: {
    name: 'func-${token}'
    location: location
    zoneRedundant: zoneRedundant
    identityId: identity.outputs.id
    packageContainerUrl: storage.outputs.packageContainerUrl
    settings: settings.outputs.values
    tags: allTags
  }
}

module premium 'function-premium.bicep' = if (hosting == 'premium') {
  name: 'controller-function-app-premium'
  scope: group
  dependsOn: [ dataRoles ]
  params: {
    name: 'func-${token}'
    location: location
    zoneRedundant: zoneRedundant
    identityId: identity.outputs.id
    packageContainerUrl: storage.outputs.packageContainerUrl
    settings: settings.outputs.values
    tags: allTags
  }
}

module authentication 'authentication.bicep' = if (!empty(entraClientId)) {
  name: 'controller-authentication'
  scope: group
  dependsOn: [ flex, premium ]
  params: { appName: 'func-${token}', clientId: entraClientId }
}

@description('Resource group of the controller.')
output controllerResourceGroup string = group.name

@description('Name of the function app.')
output controllerAppName string = 'func-${token}'

@description('Address of the function app.')
output controllerEndpoint string = 'https://func-${token}.azurewebsites.net'

@description('Where the package is that Elastic Premium mounts; empty on Flex Consumption, which is deployed to.')
output mountedPackageUrl string = hosting == 'premium' ? '${storage.outputs.packageContainerUrl}/farshore.zip' : ''

@description('Object id of the identity that acts on the workload.')
output controllerPrincipalId string = identity.outputs.principalId

@description('Name of that identity: the name of its user in the database.')
output controllerPrincipalName string = identity.outputs.name

@description('Namespace of the queues, which the alerts watch.')
output serviceBusNamespaceId string = serviceBus.outputs.id

@description('Workspace with the logs, which the alerts read.')
output workspaceId string = monitoring.outputs.workspaceId
