// Site Recovery from the preferred region to the standby region, ready in both directions.
// The recovery plan is a layer of its own (plan.bicep), because it can be made only when every
// machine is protected, about an hour after this.
targetScope = 'subscription'

@description('Name of the installation.')
param environmentName string

@description('Region where the workload runs in the normal state.')
param preferredLocation string

@description('Region that it moves to; the vault is there.')
param standbyLocation string

@description('Resource group of the preferred site.')
param preferredResourceGroup string

@description('Resource group of the standby site.')
param standbyResourceGroup string

@description('Id of the preferred site\'s network.')
param preferredVnetId string

@description('Id of the standby site\'s network.')
param standbyVnetId string

@description('Ids of the machines. They must be running.')
param vmIds array

@description('Names of the machines, in the same order.')
param vmNames array

@description('Name of the subnet that recovered machines join.')
param clusterSubnetName string = 'cluster'

@description('For how long recovery points are kept, in minutes.')
@minValue(60)
@maxValue(21600)
param recoveryPointRetentionMinutes int = 1440

@description('How often an application-consistent point is taken, in minutes; 0 for never. On Linux such a point needs scripts of one\'s own on each machine; without them it freezes file systems and no more.')
param appConsistentFrequencyMinutes int = 0

@description('Kind of the disks that recovery makes.')
param recoveryDiskType string = 'StandardSSD_LRS'

@description('Whether the machines are put under protection. Set to false while the workload runs in the standby region: the items have moved to the other container then.')
param deployReplication bool = true

@description('What the vault has already, as scripts/what-the-vault-has.sh prints it: { topology, items, protectedItems, recoveryPlan }, each a text. Site Recovery refuses to make a second time what is there.')
param vaultHas object = {}

@description('Tags of all resources.')
param tags object = {}

var allTags = union(tags, { 'azd-env-name': environmentName })
// What is there is left alone: a second request for a fabric fails (Azure/bicep#13599), and one for an
// item would begin its protection anew.
var withTopology = deployReplication && (vaultHas.?topology ?? '') != 'complete'
var knownItems = split(vaultHas.?items ?? '', ',')
var vaultName = 'rsv-${environmentName}'
var token = uniqueString(subscription().id, environmentName, standbyLocation)

module preferredCache 'cache.bicep' = {
  name: 'preferred-cache'
  scope: resourceGroup(preferredResourceGroup)
  params: {
    name: 'stcachep${token}'
    location: preferredLocation
    tags: allTags
  }
}

// Needed first when the way back is protected; made now, because then is a bad time to make things.
module standbyCache 'cache.bicep' = {
  name: 'standby-cache'
  scope: resourceGroup(standbyResourceGroup)
  params: {
    name: 'stcaches${token}'
    location: standbyLocation
    tags: allTags
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  scope: resourceGroup(standbyResourceGroup)
  params: {
    name: vaultName
    location: standbyLocation
    tags: allTags
  }
}

module topology 'topology.bicep' = if (withTopology) {
  name: 'topology'
  scope: resourceGroup(standbyResourceGroup)
  params: {
    vaultName: vault.outputs.name
    preferredLocation: preferredLocation
    standbyLocation: standbyLocation
    preferredVnetId: preferredVnetId
    standbyVnetId: standbyVnetId
    recoveryPointRetentionMinutes: recoveryPointRetentionMinutes
    appConsistentFrequencyMinutes: appConsistentFrequencyMinutes
  }
}

module disks 'disks.bicep' = [for (id, i) in vmIds: if (deployReplication && !contains(knownItems, vmNames[i])) {
  name: 'disks-${vmNames[i]}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    machineName: vmNames[i]
  }
}]

// One after the other: the vault refuses parallel changes of one container now and then.
@batchSize(1)
module items 'protected-item.bicep' = [for (id, i) in vmIds: if (deployReplication && !contains(knownItems, vmNames[i])) {
  name: 'protect-${vmNames[i]}'
  scope: resourceGroup(standbyResourceGroup)
  params: {
    vaultName: vault.outputs.name
    fabricName: 'fabric-${preferredLocation}'
    containerName: 'container-${preferredLocation}'
    machineName: vmNames[i]
    machineId: id
    diskIds: disks[i]!.outputs.ids
    policyId: '${vault.outputs.id}/replicationPolicies/retention-policy'
    recoveryContainerId: '${vault.outputs.id}/replicationFabrics/fabric-${standbyLocation}/replicationProtectionContainers/container-${standbyLocation}'
    recoveryResourceGroupId: '${subscription().id}/resourceGroups/${standbyResourceGroup}'
    recoveryNetworkId: standbyVnetId
    recoverySubnetName: clusterSubnetName
    recoveryDiskType: recoveryDiskType
    cacheAccountId: preferredCache.outputs.id
  }
  dependsOn: [
    topology
  ]
}]

@description('Id of the vault.')
output vaultId string = vault.outputs.id
@description('Name of the vault.')
output vaultName string = vault.outputs.name
@description('Name that plan.bicep gives to the recovery plan.')
output recoveryPlanName string = 'recovery-plan-${environmentName}'
@description('Id of the cache account for the way to the standby region.')
output preferredCacheAccountId string = preferredCache.outputs.id
@description('Id of the cache account for the way back.')
output standbyCacheAccountId string = standbyCache.outputs.id
