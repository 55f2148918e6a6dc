// The recovery plan, as a layer after the replication: it takes only machines that are protected.
targetScope = 'subscription'

@description('Region where the workload runs in the normal state.')
param preferredLocation string

@description('Region that it moves to.')
param standbyLocation string

@description('Resource group of the standby site, where the vault is.')
param standbyResourceGroup string

@description('Name of the vault.')
param vaultName string

@description('Name of the plan.')
param recoveryPlanName string

@description('Ids of the machines.')
param vmIds array

@description('Names of the machines, in the same order.')
param vmNames array

@description('What the vault has already, as in main.bicep.')
param vaultHas object

// It takes only machines that are protected, and an older version of the API refused to make it twice.
var protectedItems = split(vaultHas.?protectedItems ?? '', ',')
var areProtected = length(filter(vmNames, name => !contains(protectedItems, name))) == 0

module plan 'recovery-plan.bicep' = if (areProtected && empty(vaultHas.?recoveryPlan ?? '')) {
  name: 'recovery-plan'
  scope: resourceGroup(standbyResourceGroup)
  params: {
    vaultName: vaultName
    preferredLocation: preferredLocation
    standbyLocation: standbyLocation
    name: recoveryPlanName
    vmIds: vmIds
    vmNames: vmNames
  }
}
