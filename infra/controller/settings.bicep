// The app settings, for whichever plan. Meaning and defaults: docs/configuration.md.

@description('Client id of the app\'s identity.')
param clientId string

@description('Account of the Functions host.')
param hostAccountName string

@description('Container of plans, journals and documents.')
param journalContainerUrl string

@description('Container of leases.')
param leaseContainerUrl string

@description('Namespace of the queues.')
param serviceBusName string

@description('Connection string of Application Insights, which holds no secret.')
param insightsConnectionString string

@description('What is logged.')
param logFilter string

var storageSuffix = environment().suffixes.storage

@description('The settings.')
output values object = {
  FARSHORE_STORE: journalContainerUrl
  FARSHORE_LEASE_STORE: leaseContainerUrl
  FARSHORE_CREDENTIAL: 'managed_identity'
  FARSHORE_CLIENT_ID: clientId
  FARSHORE_WATCH: 'on'
  FARSHORE_LOG: logFilter
  ServiceBus__fullyQualifiedNamespace: '${serviceBusName}.servicebus.windows.net'
  // Read by the host alone, for its triggers.
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: clientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  AzureWebJobsStorage__blobServiceUri: 'https://${hostAccountName}.blob.${storageSuffix}'
  AzureWebJobsStorage__queueServiceUri: 'https://${hostAccountName}.queue.${storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${hostAccountName}.table.${storageSuffix}'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
}
