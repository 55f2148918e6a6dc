// The gateway's certificate, in a vault of its own in the gateway's region, and the identity that
// reads it: a gateway must not need the other region to start.
targetScope = 'resourceGroup'

@description('Name of the vault; it is global DNS, 3 to 24 characters.')
param vaultName string

@description('Name of the gateway\'s identity.')
param identityName string

@description('Region of both.')
param location string

@description('The certificate with its key: a PFX without password, in base64.')
@secure()
param certificate string

@description('Tags of all parts.')
param tags object

// Built-in role: Key Vault Secrets User.
var secretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource reader 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: identityName
  location: location
  tags: tags
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // A vault that cannot be purged keeps its name after a teardown, so for as short as possible;
    // scripts/recover-certificate-vaults.sh brings it back for an environment of the same name.
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
    // The gateway is a trusted service; nobody else needs the network path.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Deny'
    }
  }
}

resource pfx 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'gateway'
  tags: tags
  properties: {
    contentType: 'application/x-pkcs12'
    value: certificate
    attributes: {
      enabled: true
    }
  }
}

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, reader.id, secretsUser)
  scope: vault
  properties: {
    principalId: reader.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsUser
  }
}

@description('Id of the identity that may read the certificate.')
output identityId string = reader.id

@description('Address of the certificate, without version, so that a renewed one is taken by itself.')
output secretAddress string = '${vault.properties.vaultUri}secrets/${pfx.name}'
