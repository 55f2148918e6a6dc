// The three queues. Sessions and duplicate detection need Standard, and cannot be changed afterwards.

@description('Name of the namespace.')
param name string

@description('Region of the controller.')
param location string

@description('Tags.')
param tags object

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

// signals: a session is a workload. wakes: a session is a run.
resource sessionQueues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [for queue in [ 'signals', 'wakes' ]: {
  parent: namespace
  name: queue
  properties: {
    requiresSession: true
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    // The lock of a process that died is held until it runs out; the host renews that of a living one.
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
  }
}]

// Copies of what can never be handled, for people: nothing reads them, so nothing may drop them.
resource poison 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'poison'
  properties: {
    requiresSession: false
    requiresDuplicateDetection: false
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
  }
}

@description('Resource id of the namespace.')
output id string = namespace.id

@description('Name of the namespace.')
output name string = namespace.name
