// What the controller may do with the workload: one custom role for each phase, so that each can be
// given, seen and taken away alone. The actions are in roles.json, and a test holds them against the
// requests that the code can send, both ways.
targetScope = 'subscription'

@description('Name of the environment; role names are unique in a tenant.')
param environmentName string

@description('Object id of the controller\'s identity.')
param controllerPrincipalId string

@description('Resource group of the preferred site.')
param preferredResourceGroup string

@description('Resource groups of the machines; another one than the site\'s if the cluster was there already.')
param machineResourceGroups array

@description('Resource group of the standby site and the vault.')
param standbyResourceGroup string

@description('Resource group of Traffic Manager.')
param globalResourceGroup string

@description('Gives the role that commits a failover. Nothing in this version needs it.')
param allowReprotect bool = false

var roles = loadJsonContent('roles.json').roles
var groups = union([ preferredResourceGroup, standbyResourceGroup, globalResourceGroup ], machineResourceGroups)
// Where each phase is given: drills touch the standby site alone.
var given = flatten([
  map(groups, group => { phase: 'read', group: group })
  [ { phase: 'drill', group: standbyResourceGroup } ]
  map(groups, group => { phase: 'failover', group: group })
  allowReprotect ? [ { phase: 'reprotect', group: standbyResourceGroup } ] : []
])

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [for role in roles: {
  name: guid(subscription().id, environmentName, 'farshore', role.phase)
  properties: {
    roleName: 'Farshore ${role.phase} (${environmentName})'
    type: 'CustomRole'
    assignableScopes: [ subscription().id ]
    permissions: [
      {
        actions: concat(role.actions, map(role.linked, linked => linked.action))
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}]

resource follow 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, environmentName, controllerPrincipalId, 'follow')
  dependsOn: [ definitions ]
  properties: {
    principalId: controllerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', guid(subscription().id, environmentName, 'farshore', 'follow'))
  }
}

module assignments 'assignment.bicep' = [for (one, index) in given: {
  name: 'controller-role-${index}'
  scope: resourceGroup(one.group)
  dependsOn: [ definitions ]
  params: {
    principalId: controllerPrincipalId
    roleName: guid(subscription().id, environmentName, 'farshore', one.phase)
  }
}]
