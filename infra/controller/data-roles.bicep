// What the app may do with what is its own: data, and nothing of their management.

@description('Object id of the app\'s identity.')
param principalId string

@description('Account of the Functions host, the package and the leases.')
param hostAccountName string

@description('Account of the journals.')
param journalAccountName string

@description('Namespace of the queues.')
param serviceBusName string

@description('Application Insights component.')
param insightsName string

// Built-in roles (doc: learn.microsoft.com/azure/role-based-access-control/built-in-roles). The host
// needs Owner on its blobs for its locks and timers (doc: functions-reference, identity-based
// connections); the triggers' scale controller reads the queues' lengths at the namespace.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var busReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var busSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = { name: hostAccountName }
resource journalAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = { name: journalAccountName }
resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = { name: serviceBusName }
resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: insightsName }

resource onHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [ blobDataOwner, queueDataContributor, tableDataContributor ]: {
  name: guid(hostAccount.id, principalId, role)
  scope: hostAccount
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource onJournals 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(journalAccount.id, principalId, blobDataContributor)
  scope: journalAccount
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

resource onQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [ busReceiver, busSender ]: {
  name: guid(namespace.id, principalId, role)
  scope: namespace
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, metricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}
