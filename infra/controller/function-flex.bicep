// The function app on Flex Consumption.

@description('Name of the app.')
param name string

@description('Region of the controller.')
param location string

@description('Keeps instances in several zones; two of each that is always ready, at least.')
param zoneRedundant bool

@description('Resource id of the app\'s identity.')
param identityId string

@description('Container of the package.')
param packageContainerUrl string

@description('App settings.')
param settings object

@description('Tags.')
param tags object

// An incident must not wait for a cold start. On Flex all HTTP functions share instances and every
// other function has its own (doc: flex-consumption-plan, per-function scaling), so each that a
// failover waits for keeps one: five of 512 MB, about 26 USD a month (infra/README.md, costs).
// Drills can wait: start_drills is not among them.
var alwaysReady = [ 'http', 'function:receive_signal', 'function:advance_run', 'function:sweep', 'function:watch' ]

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
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
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      // Any other version is accepted by Azure and makes an app that never starts
      // (Azure/Azure-Functions#2666).
      runtime: { name: 'custom', version: '1.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: 512
        maximumInstanceCount: 40
        alwaysReady: [for group in alwaysReady: { name: group, instanceCount: zoneRedundant ? 2 : 1 }]
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: settings
}
