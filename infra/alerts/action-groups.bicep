// Two groups: what concerns the workload goes to the controller, what concerns the controller goes to
// people. An action group is a global resource: no region has to be alive for it.

@description('Name of the environment.')
param environmentName string

@description('Name of the function app.')
param appName string

@description('Name of the function key.')
param keyName string

@description('Name of the workload in its plan.')
param workload string

@description('What a token is asked for, as { objectId, identifierUri, tenantId }; empty for none.')
param token object

@description('Whom to tell about the controller itself; empty for nobody.')
param operatorEmail string

@description('Tags.')
param tags object

resource app 'Microsoft.Web/sites@2024-11-01' existing = { name: appName }

// Read here and written nowhere else: neither a parameter nor an output carries it. The host checks
// this key; a token is checked by App Service before that (infra/controller/authentication.bicep).
// Whoever may read the group sees the key in the address, so it opens this one function: a key of the
// host would open all, also those that move the workload.
var key = listKeys('${app.id}/functions/ingest_alert', '2024-11-01')[keyName]
var receiver = {
  name: 'farshore'
  serviceUri: 'https://${app.properties.defaultHostName}/api/alerts?workload=${workload}&code=${uriComponent(key)}'
  useCommonAlertSchema: true
}

resource controller 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${environmentName}-controller'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'farshore'
    enabled: true
    webhookReceivers: [
      empty(token) ? receiver : union(receiver, { useAadAuth: true }, token)
    ]
  }
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${environmentName}-operators'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'farshore-ops'
    enabled: true
    emailReceivers: empty(operatorEmail) ? [] : [
      { name: 'operators', emailAddress: operatorEmail, useCommonAlertSchema: true }
    ]
  }
}

@description('Calls the function `ingest_alert`.')
output controllerId string = controller.id

@description('Tells people.')
output operatorsId string = operators.id
