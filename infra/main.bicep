// The whole system: the tutorial's application in two regions, what protects its machines, the
// controller that moves it, and the alerts that wake the controller. Architecture: infra/README.md.
targetScope = 'subscription'

@description('Name of the environment; part of every name.')
param environmentName string
@description('Region where the workload runs in the normal state.')
param preferredLocation string
@description('Region that it moves to.')
param standbyLocation string
@description('Region of the controller: the standby region, or a third one; never the preferred region.')
param controllerLocation string = standbyLocation
@allowed([ 'application_gateway', 'ibm_http_server' ])
@description('How requests come in.')
param entry string = 'application_gateway'
@description('Addresses that may reach the administration ports. Empty: nobody.')
param operatorCidr string = ''
@description('Who administers SQL, as { objectId, name, type }.')
param entraAdmin object
@description('Passwords and keys, as { sql, virtualMachines, webSphere, ibmHttpServer }; see main.parameters.json.')
@secure()
param secrets object
@description('The cluster that is there already (infra/workload/README.md). Empty: one is made.')
param existingCluster object = {}
@description('What the controller may do by itself: observe, approve or automatic.')
param mode string = 'observe'
@description('Settings of the controller, as { hosting, zoneRedundant, entraClientId }; each has a default.')
param controllerOptions object = {}
@description('Whom to tell about the controller itself. Empty: nobody.')
param operatorEmail string = ''
@description('True once every machine is protected: makes the recovery plan.')
param machinesAreProtected bool = false
@description('True once the app is published and has its key: makes the alerts.')
param appIsPublished bool = false
@description('True while the workload runs in the standby region: machines and replication are left alone.')
param workloadMoved bool = false

module controller 'controller/main.bicep' = {
  name: 'farshore-controller'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, controllerLocation: controllerLocation
    hosting: controllerOptions.?hosting ?? 'flex', zoneRedundant: controllerOptions.?zoneRedundant ?? false, entraClientId: controllerOptions.?entraClientId ?? ''
  }
}
module workload 'workload/main.bicep' = {
  name: 'farshore-workload'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, entry: entry, operatorCidr: operatorCidr
    entraAdminObjectId: entraAdmin.objectId, entraAdminName: entraAdmin.name, entraAdminType: entraAdmin.type
    sqlAdministratorPassword: secrets.sql, adminPasswordOrKey: secrets.virtualMachines, wasPassword: secrets.webSphere, ihsAdminPassword: secrets.ibmHttpServer
    existingCluster: !empty(existingCluster), existingWorkload: existingCluster, workloadMoved: workloadMoved
    controllerPrincipalId: controller.outputs.controllerPrincipalId, controllerPrincipalName: controller.outputs.controllerPrincipalName
  }
}
module replication 'replication/main.bicep' = {
  name: 'farshore-replication'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, deployReplication: !workloadMoved
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup, preferredVnetId: workload.outputs.preferredVnetId, standbyVnetId: workload.outputs.standbyVnetId
    clusterSubnetName: workload.outputs.clusterSubnetName, vmIds: workload.outputs.vmIds, vmNames: workload.outputs.vmNames
  }
}
module recoveryPlan 'replication/plan.bicep' = if (machinesAreProtected) {
  name: 'farshore-recovery-plan'
  params: {
    preferredLocation: preferredLocation, standbyLocation: standbyLocation, standbyResourceGroup: workload.outputs.standbyResourceGroup
    vaultName: replication.outputs.vaultName, recoveryPlanName: replication.outputs.recoveryPlanName, vmIds: workload.outputs.vmIds, vmNames: workload.outputs.vmNames
  }
}
module access 'controller/access.bicep' = {
  name: 'farshore-access'
  params: {
    environmentName: environmentName, controllerPrincipalId: controller.outputs.controllerPrincipalId
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup, globalResourceGroup: workload.outputs.globalResourceGroup
  }
}
module alerts 'alerts/main.bicep' = if (appIsPublished) {
  name: 'farshore-alerts'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, operatorEmail: operatorEmail
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup
    trafficManagerProfileId: workload.outputs.trafficManagerProfileId, preferredEndpointId: workload.outputs.preferredEndpointId, standbyEndpointId: workload.outputs.standbyEndpointId
    preferredGatewayId: workload.outputs.preferredGatewayId, standbyGatewayId: workload.outputs.standbyGatewayId
    controllerResourceGroup: controller.outputs.controllerResourceGroup, controllerAppName: controller.outputs.controllerAppName
    serviceBusNamespaceId: controller.outputs.serviceBusNamespaceId, workspaceId: controller.outputs.workspaceId
  }
}
module plan 'plan.bicep' = {
  name: 'farshore-plan'
  params: {
    mode: mode, acceptUnmeasuredDataLoss: mode == 'automatic', entry: entry, preferredLocation: preferredLocation, standbyLocation: standbyLocation
    preferredSqlServerId: workload.outputs.preferredSqlServerId, standbySqlServerId: workload.outputs.standbySqlServerId, failoverGroupName: workload.outputs.failoverGroupName
    trafficManagerProfileId: workload.outputs.trafficManagerProfileId, preferredEndpointId: workload.outputs.preferredEndpointId, standbyEndpointId: workload.outputs.standbyEndpointId
    preferredGatewayId: workload.outputs.preferredGatewayId, standbyGatewayId: workload.outputs.standbyGatewayId, standbyPublicIps: workload.outputs.standbyPublicIps
    vaultId: replication.outputs.vaultId, recoveryPlanName: replication.outputs.recoveryPlanName, drillVnetId: workload.outputs.drillVnetId
  }
}
@description('The content of the plan file; infra/hooks/write-plan.sh writes it.')
output plan object = plan.outputs.plan
