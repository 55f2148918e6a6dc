// The function app on Elastic Premium: with a health check, and without Flex's always-ready groups.

@description('Name of the app.')
param name string

@description('Region of the controller.')
param location string

@description('Keeps instances in several zones; two, at least.')
param zoneRedundant bool

@description('Resource id of the app\'s identity.')
param identityId string

@description('Container of the package.')
param packageContainerUrl string

@description('App settings.')
param settings object

@description('Tags.')
param tags object

var instances = zoneRedundant ? 2 : 1

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'elastic'
  sku: { name: 'EP1', tier: 'ElasticPremium', capacity: instances }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
    maximumElasticWorkerCount: 5
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'controller' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      minimumElasticInstanceCount: instances
      preWarmedInstanceCount: 1
      // The host's own page: it answers once the host runs, and needs no key.
      healthCheckPath: '/'
    }
  }
}

// A content share would need an account's key; a package that is mounted by identity does not
// (doc: run-functions-from-deployment-package, identity).
resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(settings, {
    FUNCTIONS_EXTENSION_VERSION: '~4'
    FUNCTIONS_WORKER_RUNTIME: 'custom'
    WEBSITE_RUN_FROM_PACKAGE: '${packageContainerUrl}/farshore.zip'
    WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identityId
  })
}
