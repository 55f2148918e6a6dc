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

module plan 'recovery-plan.bicep' = {
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

@description('Name of the plan.')
output recoveryPlanName string = plan.outputs.name
