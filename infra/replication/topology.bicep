// What Site Recovery must know before a machine can be protected: both regions, the policy, and the
// ways between them, there and back. main.bicep knows these names too.
targetScope = 'resourceGroup'

@description('Name of the vault.')
param vaultName string

@description('Preferred region.')
param preferredLocation string

@description('Standby region.')
param standbyLocation string

@description('Id of the preferred site\'s network.')
param preferredVnetId string

@description('Id of the standby site\'s network.')
param standbyVnetId string

@description('For how long recovery points are kept, in minutes.')
param recoveryPointRetentionMinutes int

@description('How often an application-consistent point is taken, in minutes; 0 for never.')
param appConsistentFrequencyMinutes int

var preferredFabricName = 'fabric-${preferredLocation}'
var standbyFabricName = 'fabric-${standbyLocation}'

resource vault 'Microsoft.RecoveryServices/vaults@2025-08-01' existing = {
  name: vaultName
}

resource policy 'Microsoft.RecoveryServices/vaults/replicationPolicies@2025-08-01' = {
  parent: vault
  name: 'retention-policy'
  properties: {
    providerSpecificInput: {
      instanceType: 'A2A'
      recoveryPointHistory: recoveryPointRetentionMinutes
      crashConsistentFrequencyInMinutes: 5
      appConsistentFrequencyInMinutes: appConsistentFrequencyMinutes
      // Each machine has its own points: one that lags must not hold up the rest of the cluster.
      multiVmSyncStatus: 'Disable'
    }
  }
}

resource preferredFabric 'Microsoft.RecoveryServices/vaults/replicationFabrics@2025-08-01' = {
  parent: vault
  name: preferredFabricName
  properties: {
    customDetails: {
      instanceType: 'Azure'
      location: preferredLocation
    }
  }
}

resource standbyFabric 'Microsoft.RecoveryServices/vaults/replicationFabrics@2025-08-01' = {
  parent: vault
  name: standbyFabricName
  properties: {
    customDetails: {
      instanceType: 'Azure'
      location: standbyLocation
    }
  }
  dependsOn: [
    preferredFabric
  ]
}

resource preferredContainer 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers@2025-08-01' = {
  parent: preferredFabric
  name: 'container-${preferredLocation}'
  properties: {
    providerSpecificInput: [
      {
        instanceType: 'A2A'
      }
    ]
  }
}

resource standbyContainer 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers@2025-08-01' = {
  parent: standbyFabric
  name: 'container-${standbyLocation}'
  properties: {
    providerSpecificInput: [
      {
        instanceType: 'A2A'
      }
    ]
  }
}

resource there 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings@2025-08-01' = {
  parent: preferredContainer
  name: '${preferredLocation}-to-${standbyLocation}'
  properties: {
    targetProtectionContainerId: standbyContainer.id
    policyId: policy.id
    providerSpecificInput: {
      instanceType: 'A2A'
      agentAutoUpdateStatus: 'Disabled'
    }
  }
}

resource back 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings@2025-08-01' = {
  parent: standbyContainer
  name: '${standbyLocation}-to-${preferredLocation}'
  properties: {
    targetProtectionContainerId: preferredContainer.id
    policyId: policy.id
    providerSpecificInput: {
      instanceType: 'A2A'
      agentAutoUpdateStatus: 'Disabled'
    }
  }
  dependsOn: [
    there
  ]
}

// Without recoveryFabricName the service answers "Primary key property ArmResourceName is null".
resource networkThere 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationNetworks/replicationNetworkMappings@2025-08-01' = {
  name: '${vaultName}/${preferredFabricName}/azureNetwork/${preferredLocation}-to-${standbyLocation}'
  properties: {
    recoveryFabricName: standbyFabric.name
    recoveryNetworkId: standbyVnetId
    fabricSpecificDetails: {
      instanceType: 'AzureToAzure'
      primaryNetworkId: preferredVnetId
    }
  }
  dependsOn: [
    preferredFabric
  ]
}

resource networkBack 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationNetworks/replicationNetworkMappings@2025-08-01' = {
  name: '${vaultName}/${standbyFabricName}/azureNetwork/${standbyLocation}-to-${preferredLocation}'
  properties: {
    recoveryFabricName: preferredFabric.name
    recoveryNetworkId: preferredVnetId
    fabricSpecificDetails: {
      instanceType: 'AzureToAzure'
      primaryNetworkId: standbyVnetId
    }
  }
  dependsOn: [
    standbyFabric
    networkThere
  ]
}
