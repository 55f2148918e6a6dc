// Two accounts, because versioning is a property of an account and not of a container: journals keep
// every version of what was written, and leases, which are rewritten every few seconds, keep none.

@description('Unique part of the names.')
param token string

@description('Region of the controller.')
param location string

@description('Keeps three copies in three zones instead of one.')
param zoneRedundant bool

@description('For how many days a deleted journal record can be brought back.')
param retentionDays int

@description('For how many days it is kept what a journal record was before somebody changed or deleted it.')
param evidenceDays int

@description('For how many days old states of the other documents are kept.')
param historyDays int

@description('Tags.')
param tags object

var sku = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
// By identity alone: there is no key that could be stolen. The network stays open, because the host
// reaches its storage from addresses that are not known beforehand, and no anonymous read is allowed.
var locked = {
  accessTier: 'Hot'
  allowBlobPublicAccess: false
  allowSharedKeyAccess: false
  defaultToOAuthAuthentication: true
  allowCrossTenantReplication: false
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  publicNetworkAccess: 'Enabled'
}

resource journalAccount 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'stjournal${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: locked
}

resource journalBlobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: journalAccount
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: retentionDays }
    containerDeleteRetentionPolicy: { enabled: true, days: retentionDays }
  }
}

// A journal is the evidence of a failover. Its records are written once and never expire: some hundred
// small blobs a run. So a record has an old version only if somebody has meddled with it, and that is
// what an inquiry asks for; such versions outlast a yearly audit. The other documents (what the watch
// knows, plans, open runs) are rewritten up to every ten seconds, and their old states are of use for
// as long as somebody asks what the watch saw. The app's identity can change neither these rules nor a
// version. What the rules delete can still be brought back for retentionDays.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: journalAccount
  name: 'default'
  dependsOn: [ journalBlobs ]
  properties: {
    policy: {
      rules: [
        {
          name: 'changed-records'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: [ 'blockBlob' ], prefixMatch: [ 'journals/journals/' ] }
            actions: { version: { delete: { daysAfterCreationGreaterThan: evidenceDays } } }
          }
        }
        {
          name: 'old-states'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: [ 'blockBlob' ], prefixMatch: [ 'journals/documents/', 'journals/inbox/', 'journals/open-runs/' ] }
            actions: { version: { delete: { daysAfterCreationGreaterThan: historyDays } } }
          }
        }
      ]
    }
  }
}

resource journals 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: journalBlobs
  name: 'journals'
  properties: { publicAccess: 'None' }
}

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'sthost${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: locked
}

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: hostAccount
  name: 'default'
  properties: { isVersioningEnabled: false }
}

resource leases 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: hostBlobs
  name: 'leases'
  properties: { publicAccess: 'None' }
}

// The app's package, as `cargo xtask stage` makes it.
resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: hostBlobs
  name: 'packages'
  properties: { publicAccess: 'None' }
}

@description('Account of the journals.')
output journalAccountName string = journalAccount.name

@description('Account of the Functions host, the package and the leases.')
output hostAccountName string = hostAccount.name

@description('FARSHORE_STORE.')
output journalContainerUrl string = '${journalAccount.properties.primaryEndpoints.blob}${journals.name}'

@description('FARSHORE_LEASE_STORE.')
output leaseContainerUrl string = '${hostAccount.properties.primaryEndpoints.blob}${leases.name}'

@description('Where the package is.')
output packageContainerUrl string = '${hostAccount.properties.primaryEndpoints.blob}${packages.name}'
