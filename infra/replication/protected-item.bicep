// One machine under protection. The disks' ids are a parameter, because what is read from a machine
// cannot drive a loop in the same file.
// Fixed addresses are not here: the request that creates an item has no place for them (see
// scripts/pin-addresses.sh).
targetScope = 'resourceGroup'

@description('Name of the vault.')
param vaultName string

@description('Name of the fabric of the machine\'s region.')
param fabricName string

@description('Name of the container of the machine\'s region.')
param containerName string

@description('Name of the machine, and of the item.')
param machineName string

@description('Id of the machine.')
param machineId string

@description('Ids of its managed disks.')
param diskIds array

@description('Id of the policy.')
param policyId string

@description('Id of the container of the region that it is recovered to.')
param recoveryContainerId string

@description('Id of the resource group that it is recovered to.')
param recoveryResourceGroupId string

@description('Id of the network that it is recovered to.')
param recoveryNetworkId string

@description('Name of the subnet that it is recovered to.')
param recoverySubnetName string

@description('Kind of the disks that recovery makes.')
param recoveryDiskType string

@description('Id of the cache account in the machine\'s region.')
param cacheAccountId string

resource container 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers@2025-08-01' existing = {
  name: '${vaultName}/${fabricName}/${containerName}'
}

resource item 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems@2025-08-01' = {
  parent: container
  name: machineName
  properties: {
    policyId: policyId
    providerSpecificDetails: {
      instanceType: 'A2A'
      fabricObjectId: machineId
      recoveryContainerId: recoveryContainerId
      recoveryResourceGroupId: recoveryResourceGroupId
      recoveryAzureNetworkId: recoveryNetworkId
      recoverySubnetName: recoverySubnetName
      vmManagedDisks: [for id in diskIds: {
        diskId: id
        primaryStagingAzureStorageAccountId: cacheAccountId
        recoveryResourceGroupId: recoveryResourceGroupId
        recoveryReplicaDiskAccountType: recoveryDiskType
        recoveryTargetDiskAccountType: recoveryDiskType
      }]
    }
  }
}

@description('Id of the item.')
output id string = item.id
