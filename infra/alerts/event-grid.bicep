// Health events of the sites' machines, minutes before their alerts. By HTTP like the alerts, so that
// there is one door, one format check and one way onto the queue.

@description('Name of the environment.')
param environmentName string

@description('Name of the function app.')
param appName string

@description('Name of the function key.')
param keyName string

@description('Name of the workload in its plan.')
param workload string

@description('Resource groups whose machines count; the topic has those of the whole subscription.')
param groupIds array

@description('What a token is asked for, as { identifierUri, tenantId }; empty for none.')
param token object

@description('Tags.')
param tags object

resource app 'Microsoft.Web/sites@2024-11-01' existing = { name: appName }

var key = listKeys('${app.id}/functions/ingest_alert', '2024-11-01')[keyName]
var endpoint = {
  endpointUrl: 'https://${app.properties.defaultHostName}/api/alerts?workload=${workload}&code=${uriComponent(key)}'
  maxEventsPerBatch: 1
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'farshore-${environmentName}-health'
  location: 'global'
  tags: tags
  properties: {
    source: subscription().id
    topicType: 'microsoft.resourcenotifications.healthresources'
  }
}

resource deliver 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'farshore'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    destination: {
      endpointType: 'WebHook'
      properties: union(endpoint, empty(token) ? {} : {
        azureActiveDirectoryTenantId: token.tenantId
        azureActiveDirectoryApplicationIdOrUri: token.identifierUri
      })
    }
    filter: {
      includedEventTypes: [ 'Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged' ]
      advancedFilters: [
        { operatorType: 'StringBeginsWith', key: 'data.resourceInfo.id', values: groupIds }
      ]
    }
    // Old news about health starts looks that the watch has made long since.
    retryPolicy: { eventTimeToLiveInMinutes: 60, maxDeliveryAttempts: 30 }
  }
}
