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
@secure()
@description('IBM id and its password with a space between. Empty: IBM\'s evaluation licence.')
param ibmEntitlement string = ''
@secure()
@description('Certificate and key for HTTPS at the gateways: a PFX without password, in base64. Empty: HTTP alone.')
param gatewayCertificate string = ''
@description('Public SSH key of the machines\' administrator.')
param machineKey string = ''
@description('What the controller may do by itself: observe, approve or automatic.')
param mode string = 'observe'
@description('Entra application that callers need a token for, as { clientId, objectId } (hooks/make-webhook-application.sh). Empty: function keys alone.')
param webhookApplication object = {}
@description('What the vault has already, as replication/scripts/what-the-vault-has.sh prints it: that is left alone, and the recovery plan waits for all machines.')
param vaultHas object = {}
@description('True once the app is published and has its key: makes the alerts.')
param appIsPublished bool = false
@description('True while the workload runs in the standby region: machines and replication are left alone.')
param workloadMoved bool = false
@description('What shall be other than in options.json, by the same names (README.md, Options).')
param options object = {}
var unknown = filter(objectKeys(options), name => !contains(loadJsonContent('options.json'), name))
var set = empty(unknown) ? union(loadJsonContent('options.json'), options) : fail('options has ${join(unknown, ', ')}, which options.json does not know')
var places = { preferred: toLower(replace(preferredLocation, ' ', '')), standby: toLower(replace(standbyLocation, ' ', '')), controller: toLower(replace(controllerLocation, ' ', '')) }

module controller 'controller/main.bicep' = {
  name: 'farshore-${environmentName}-controller'
  params: {
    environmentName: environmentName, preferredLocation: places.preferred, controllerLocation: places.controller, entraClientId: webhookApplication.?clientId ?? '', tags: set.tags
    hosting: set.hosting, zoneRedundant: set.zoneRedundant, logFilter: set.logFilter, retentionDays: set.retentionDays, evidenceDays: set.evidenceDays, historyDays: set.historyDays
  }
}
module workload 'workload/main.bicep' = {
  name: 'farshore-${environmentName}-workload'
  params: {
    environmentName: environmentName, preferredLocation: places.preferred, standbyLocation: places.standby, entry: entry, operatorCidr: set.operatorCidr, workloadMoved: workloadMoved, tags: set.tags
    entraAdminObjectId: entraAdmin.objectId, entraAdminName: entraAdmin.name, entraAdminType: entraAdmin.type, controllerPrincipalId: controller.outputs.controllerPrincipalId, controllerPrincipalName: controller.outputs.controllerPrincipalName
    sqlAdministratorPassword: sqlPassword, adminPasswordOrKey: machineKey, wasPassword: webSpherePassword, ihsAdminPassword: ibmHttpServerPassword, ibmEntitlement: ibmEntitlement, gatewayHttps: !empty(gatewayCertificate), gatewayCertificate: gatewayCertificate
    sqlAdministratorLogin: set.sqlAdministratorLogin, databaseSku: set.databaseSku, databaseBackupRedundancy: set.databaseBackupRedundancy, allowAzureServices: set.allowAzureServices, addresses: set.addresses, dnsZone: set.dnsZone, wafMode: set.wafMode
    numberOfNodes: set.numberOfNodes, vmSize: set.vmSize, diskType: set.diskType, adminUsername: set.adminUsername, wasUsername: set.wasUsername, existingCluster: !empty(set.existingCluster), existingWorkload: set.existingCluster, clusterIsMade: !empty(vaultHas.?items ?? '')
  }
}
module replication 'replication/main.bicep' = {
  name: 'farshore-${environmentName}-replication'
  params: {
    environmentName: environmentName, preferredLocation: places.preferred, standbyLocation: places.standby, deployReplication: !workloadMoved, vaultHas: vaultHas, tags: set.tags
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup, preferredVnetId: workload.outputs.preferredVnetId, standbyVnetId: workload.outputs.standbyVnetId
    recoveryPointRetentionMinutes: set.recoveryPointRetentionMinutes, appConsistentFrequencyMinutes: set.appConsistentFrequencyMinutes, recoveryDiskType: set.recoveryDiskType, clusterSubnetName: workload.outputs.clusterSubnetName, vmIds: workload.outputs.vmIds, vmNames: workload.outputs.vmNames
  }
}
module recoveryPlan 'replication/plan.bicep' = if (!workloadMoved) {
  name: 'farshore-${environmentName}-recovery-plan'
  params: {
    preferredLocation: places.preferred, standbyLocation: places.standby, standbyResourceGroup: workload.outputs.standbyResourceGroup, vaultHas: vaultHas
    vaultName: replication.outputs.vaultName, recoveryPlanName: replication.outputs.recoveryPlanName, vmIds: workload.outputs.vmIds, vmNames: workload.outputs.vmNames
  }
}
module access 'controller/access.bicep' = {
  name: 'farshore-${environmentName}-access'
  params: {
    environmentName: environmentName, controllerPrincipalId: controller.outputs.controllerPrincipalId, allowReprotect: set.allowReprotect, machineResourceGroups: workload.outputs.machineResourceGroups
    preferredResourceGroup: workload.outputs.preferredResourceGroup, standbyResourceGroup: workload.outputs.standbyResourceGroup, globalResourceGroup: workload.outputs.globalResourceGroup
  }
}
module alerts 'alerts/main.bicep' = if (appIsPublished) {
  name: 'farshore-${environmentName}-alerts'
  params: {
    environmentName: environmentName, preferredLocation: preferredLocation, standbyLocation: standbyLocation, operatorEmail: set.operatorEmail, webhookApplication: webhookApplication, healthEvents: set.healthEvents, tags: set.tags
    siteResourceGroups: union([ workload.outputs.preferredResourceGroup, workload.outputs.standbyResourceGroup ], workload.outputs.machineResourceGroups)
    trafficManagerProfileId: workload.outputs.trafficManagerProfileId, preferredEndpointId: workload.outputs.preferredEndpointId, standbyEndpointId: workload.outputs.standbyEndpointId, preferredGatewayId: workload.outputs.preferredGatewayId, standbyGatewayId: workload.outputs.standbyGatewayId
    controllerResourceGroup: controller.outputs.controllerResourceGroup, controllerLocation: places.controller, controllerAppName: controller.outputs.controllerAppName, serviceBusNamespaceId: controller.outputs.serviceBusNamespaceId, workspaceId: controller.outputs.workspaceId
  }
}
module plan 'plan.bicep' = {
  name: 'farshore-${environmentName}-plan'
  params: {
    mode: mode, acceptUnmeasuredDataLoss: mode == 'automatic', entry: entry, minHealthy: set.minHealthy, preferredLocation: places.preferred, standbyLocation: places.standby
    preferredSqlServerId: workload.outputs.preferredSqlServerId, standbySqlServerId: workload.outputs.standbySqlServerId, failoverGroupName: workload.outputs.failoverGroupName, trafficManagerProfileId: workload.outputs.trafficManagerProfileId
    preferredEndpointId: workload.outputs.preferredEndpointId, standbyEndpointId: workload.outputs.standbyEndpointId, preferredGatewayId: workload.outputs.preferredGatewayId, standbyGatewayId: workload.outputs.standbyGatewayId, standbyPublicIps: workload.outputs.standbyPublicIps
    vaultId: replication.outputs.vaultId, recoveryPlanName: replication.outputs.recoveryPlanName, drillVnetId: workload.outputs.drillVnetId
  }
}
@description('The content of the plan file; infra/hooks/write-plan.sh writes it.')
output plan object = plan.outputs.plan
