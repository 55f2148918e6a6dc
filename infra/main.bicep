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
@description('Lets all of Azure try to log in to both SQL servers, as in the tutorial. Off: the two sites alone.')
param allowAzureServices bool = false
@description('Who administers SQL, as { objectId, name, type }.')
param entraAdmin object
@secure()
@description('Password of the SQL administrator. Each secret is a text of its own: azd looks up no other in a key vault.')
param sqlPassword string
@secure()
@description('Password of WebSphere\'s administrator.')
param webSpherePassword string = ''
@secure()
@description('Password of IBM HTTP Server\'s administrator; empty with application_gateway.')
param ibmHttpServerPassword string = ''
@description('Public SSH key of the machines\' administrator.')
param machineKey string = ''
@description('The cluster that is there already (infra/workload/README.md). Empty: one is made.')
param existingCluster object = {}
@description('What the controller may do by itself: observe, approve or automatic.')
param mode string = 'observe'
@description('Settings of the controller, as { hosting, zoneRedundant }; each has a default.')
param controllerOptions object = {}
@description('Entra application that callers need a token for, as { clientId, objectId } (hooks/make-webhook-application.sh). Empty: function keys alone.')
param webhookApplication object = {}
@description('Whom to tell about the controller itself. Empty: nobody.')
param operatorEmail string = ''
@description('What the vault has already, as replication/scripts/what-the-vault-has.sh prints it: that is left alone, and the recovery plan waits for all machines.')
param vaultHas object = {}
@description('True once the app is published and has its key: makes the alerts.')
param appIsPublished bool = false
@description('True while the workload runs in the standby region: machines and replication are left alone.')
param workloadMoved bool = false

module controller 'controller/main.bicep' = {
  name: 'farshore-${environmentName}-controller'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, controllerLocation: controllerLocation
    hosting: controllerOptions.?hosting ?? 'flex', zoneRedundant: controllerOptions.?zoneRedundant ?? false, entraClientId: webhookApplication.?clientId ?? ''
  }
}
module workload 'workload/main.bicep' = {
  name: 'farshore-${environmentName}-workload'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, entry: entry, operatorCidr: operatorCidr, allowAzureServices: allowAzureServices
    entraAdminObjectId: entraAdmin.objectId, entraAdminName: entraAdmin.name, entraAdminType: entraAdmin.type
    sqlAdministratorPassword: sqlPassword, adminPasswordOrKey: machineKey, wasPassword: webSpherePassword, ihsAdminPassword: ibmHttpServerPassword
    existingCluster: !empty(existingCluster), existingWorkload: existingCluster, clusterIsMade: !empty(vaultHas.?items ?? ''), workloadMoved: workloadMoved, controllerPrincipalId: controller.outputs.controllerPrincipalId, controllerPrincipalName: controller.outputs.controllerPrincipalName
  }
}
module replication 'replication/main.bicep' = {
  name: 'farshore-${environmentName}-replication'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, deployReplication: !workloadMoved, vaultHas: vaultHas
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup, preferredVnetId: workload.outputs.preferredVnetId, standbyVnetId: workload.outputs.standbyVnetId
    clusterSubnetName: workload.outputs.clusterSubnetName, vmIds: workload.outputs.vmIds, vmNames: workload.outputs.vmNames
  }
}
module recoveryPlan 'replication/plan.bicep' = if (!workloadMoved) {
  name: 'farshore-${environmentName}-recovery-plan'
  params: {
    preferredLocation: preferredLocation, standbyLocation: standbyLocation, standbyResourceGroup: workload.outputs.standbyResourceGroup, vaultHas: vaultHas
    vaultName: replication.outputs.vaultName, recoveryPlanName: replication.outputs.recoveryPlanName, vmIds: workload.outputs.vmIds, vmNames: workload.outputs.vmNames
  }
}
module access 'controller/access.bicep' = {
  name: 'farshore-${environmentName}-access'
  params: {
    environmentName: environmentName, controllerPrincipalId: controller.outputs.controllerPrincipalId, machineResourceGroups: workload.outputs.machineResourceGroups
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup, globalResourceGroup: workload.outputs.globalResourceGroup
  }
}
module alerts 'alerts/main.bicep' = if (appIsPublished) {
  name: 'farshore-${environmentName}-alerts'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, operatorEmail: operatorEmail, webhookApplication: webhookApplication
    siteResourceGroups: union([ workload.outputs.preferredResourceGroup, workload.outputs.standbyResourceGroup ], workload.outputs.machineResourceGroups)
    trafficManagerProfileId: workload.outputs.trafficManagerProfileId, preferredEndpointId: workload.outputs.preferredEndpointId, standbyEndpointId: workload.outputs.standbyEndpointId, preferredGatewayId: workload.outputs.preferredGatewayId, standbyGatewayId: workload.outputs.standbyGatewayId
    controllerResourceGroup: controller.outputs.controllerResourceGroup, controllerLocation: controllerLocation, controllerAppName: controller.outputs.controllerAppName, serviceBusNamespaceId: controller.outputs.serviceBusNamespaceId, workspaceId: controller.outputs.workspaceId
  }
}
module plan 'plan.bicep' = {
  name: 'farshore-${environmentName}-plan'
  params: {
    mode: mode, acceptUnmeasuredDataLoss: mode == 'automatic', entry: entry, preferredLocation: preferredLocation, standbyLocation: standbyLocation
    preferredSqlServerId: workload.outputs.preferredSqlServerId, standbySqlServerId: workload.outputs.standbySqlServerId, failoverGroupName: workload.outputs.failoverGroupName, trafficManagerProfileId: workload.outputs.trafficManagerProfileId
    preferredEndpointId: workload.outputs.preferredEndpointId, standbyEndpointId: workload.outputs.standbyEndpointId, preferredGatewayId: workload.outputs.preferredGatewayId, standbyGatewayId: workload.outputs.standbyGatewayId, standbyPublicIps: workload.outputs.standbyPublicIps
    vaultId: replication.outputs.vaultId, recoveryPlanName: replication.outputs.recoveryPlanName, drillVnetId: workload.outputs.drillVnetId
  }
}
@description('The content of the plan file; infra/hooks/write-plan.sh writes it.')
output plan object = plan.outputs.plan
