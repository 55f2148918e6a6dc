// What wakes the controller, and what tells people that the controller itself is ill. After the
// app's package is there: the function key that alerts are sent with is made by a running host.
targetScope = 'subscription'

@description('Name of the environment; part of every name.')
param environmentName string

@description('Resource group of the controller. The rules are there too, outside of the preferred region.')
param controllerResourceGroup string

@description('Region of the controller, and of its logs.')
param controllerLocation string

@description('Name of the function app.')
param controllerAppName string

@description('Name of the workload in its plan.')
param workload string = 'websphere-cafe'

@description('Name of the function key that alerts are sent with; a hook makes it.')
param keyName string = 'alerts'

@description('Entra application that a token is sent for, as { clientId, objectId }. Empty: the function key alone.')
param webhookApplication object = {}

@description('Whom to tell about the controller itself. Empty: nobody, the alerts are in the portal only.')
param operatorEmail string = ''

@description('Region where the workload runs in the normal state.')
param preferredLocation string

@description('Region that it moves to.')
param standbyLocation string

@description('Resource groups of the sites and their machines.')
param siteResourceGroups array

@description('Traffic Manager profile.')
param trafficManagerProfileId string

@description('Endpoint of the preferred site.')
param preferredEndpointId string

@description('Endpoint of the standby site.')
param standbyEndpointId string

@description('Application gateway of the preferred site; empty if IBM HTTP Server is the entry.')
param preferredGatewayId string = ''

@description('Application gateway of the standby site; empty if IBM HTTP Server is the entry.')
param standbyGatewayId string = ''

@description('Namespace of the controller\'s queues.')
param serviceBusNamespaceId string

@description('Workspace with the controller\'s logs.')
param workspaceId string

@description('Subscribes to health events. One system topic for them is possible in a subscription: false if there is one.')
param healthEvents bool = true

@description('Tags of every resource.')
param tags object = {}

var siteGroupIds = map(siteResourceGroups, name => '${subscription().id}/resourceGroups/${name}')
// An azd environment without the application gives empty texts.
var sendsToken = !empty(webhookApplication.?objectId ?? '')
var token = sendsToken ? {
  objectId: webhookApplication.objectId
  identifierUri: 'api://${webhookApplication.clientId}'
  tenantId: tenant().tenantId
} : {}
var allTags = union(tags, { 'azd-env-name': environmentName })

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' existing = { name: controllerResourceGroup }

module actions 'action-groups.bicep' = {
  name: 'alerts-action-groups'
  scope: group
  params: {
    environmentName: environmentName
    appName: controllerAppName
    keyName: keyName
    workload: workload
    token: token
    operatorEmail: operatorEmail
    tags: allTags
  }
}

module trafficManager 'traffic-manager.bicep' = {
  name: 'alerts-traffic-manager'
  scope: group
  params: {
    environmentName: environmentName
    profileId: trafficManagerProfileId
    endpointIds: [ preferredEndpointId, standbyEndpointId ]
    actionGroupId: actions.outputs.controllerId
    tags: allTags
  }
}

module gateways 'application-gateway.bicep' = if (!empty(preferredGatewayId)) {
  name: 'alerts-application-gateways'
  scope: group
  params: {
    environmentName: environmentName
    gatewayIds: [ preferredGatewayId, standbyGatewayId ]
    actionGroupId: actions.outputs.controllerId
    tags: allTags
  }
}

module health 'health.bicep' = {
  name: 'alerts-health'
  scope: group
  params: {
    environmentName: environmentName
    groupIds: siteGroupIds
    regions: [ preferredLocation, standbyLocation ]
    actionGroupId: actions.outputs.controllerId
    tags: allTags
  }
}

module events 'event-grid.bicep' = if (healthEvents) {
  name: 'alerts-event-grid'
  scope: group
  params: {
    environmentName: environmentName
    appName: controllerAppName
    keyName: keyName
    workload: workload
    groupIds: siteGroupIds
    token: token
    tags: allTags
  }
}

module queues 'queues.bicep' = {
  name: 'alerts-queues'
  scope: group
  params: {
    environmentName: environmentName
    namespaceId: serviceBusNamespaceId
    actionGroupId: actions.outputs.operatorsId
    tags: allTags
  }
}

module logs 'logs.bicep' = {
  name: 'alerts-logs'
  scope: group
  params: {
    environmentName: environmentName
    workspaceId: workspaceId
    location: controllerLocation
    actionGroupId: actions.outputs.operatorsId
    tags: allTags
  }
}
