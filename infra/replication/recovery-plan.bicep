// All machines in one group, as in the tutorial: WebSphere's processes wait for one another by
// themselves, and groups would add their times up.
targetScope = 'resourceGroup'

@description('Name of the vault.')
param vaultName string

@description('Preferred region.')
param preferredLocation string

@description('Standby region.')
param standbyLocation string

@description('Name of the plan.')
param name string

@description('Ids of the machines.')
param vmIds array

@description('Names of the machines, in the same order.')
param vmNames array

resource vault 'Microsoft.RecoveryServices/vaults@2025-08-01' existing = {
  name: vaultName
}

resource preferredFabric 'Microsoft.RecoveryServices/vaults/replicationFabrics@2025-08-01' existing = {
  parent: vault
  name: 'fabric-${preferredLocation}'
}

resource standbyFabric 'Microsoft.RecoveryServices/vaults/replicationFabrics@2025-08-01' existing = {
  parent: vault
  name: 'fabric-${standbyLocation}'
}

var items = [for (id, i) in vmIds: {
  id: '${preferredFabric.id}/replicationProtectionContainers/container-${preferredLocation}/replicationProtectedItems/${vmNames[i]}'
  virtualMachineId: id
}]

resource plan 'Microsoft.RecoveryServices/vaults/replicationRecoveryPlans@2025-08-01' = {
  parent: vault
  name: name
  properties: {
    primaryFabricId: preferredFabric.id
    recoveryFabricId: standbyFabric.id
    failoverDeploymentModel: 'ResourceManager'
    groups: [
      {
        groupType: 'Shutdown'
        replicationProtectedItems: []
        startGroupActions: []
        endGroupActions: []
      }
      {
        groupType: 'Failover'
        replicationProtectedItems: []
        startGroupActions: []
        endGroupActions: []
      }
      {
        groupType: 'Boot'
        replicationProtectedItems: items
        startGroupActions: []
        endGroupActions: []
      }
    ]
  }
}
