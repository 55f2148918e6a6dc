// The tutorial's application in two regions: one screen of what there is, the details are in modules.
targetScope = 'subscription'

@description('Name of this installation: the resource groups and all resources are named after it. Lower-case letters, digits, inner hyphens.')
@minLength(1)
@maxLength(20)
param environmentName string

@description('Region where the workload runs in the normal state.')
param preferredLocation string

@description('Region that it moves to. Everything that a failover reads or writes is placed here.')
param standbyLocation string

@description('How requests reach the cluster: an Application Gateway in each region, or IBM HTTP Server.')
@allowed(['application_gateway', 'ibm_http_server'])
param entry string = 'application_gateway'

@description('Who may reach the consoles (9060, 9043) and the application servers themselves (9080, 9443) from the internet, as CIDR. Empty: nobody. If set, the deployment manager gets public addresses.')
param operatorCidr string = ''

@description('SQL administrator; also the user of WebSphere\'s data source, as in the tutorial.')
param sqlAdministratorLogin string = 'azureuser'

@description('Password of the SQL administrator. The offer\'s scripts put it into a sed expression: letters, digits, "-", "_", "." and "!" only.')
@secure()
@minLength(12)
param sqlAdministratorPassword string

@description('Object id of the servers\' Entra administrator: who runs the script that makes table and user.')
param entraAdminObjectId string

@description('Display name (for a person: sign-in name) of the Entra administrator.')
param entraAdminName string

@description('What the Entra administrator is.')
@allowed(['User', 'Group', 'Application'])
param entraAdminType string = 'User'

@description('Object id of the controller\'s identity, for its contained user. Empty: no such user.')
param controllerPrincipalId string = ''

@description('Name of the controller\'s identity, which becomes the contained user\'s name.')
param controllerPrincipalName string = ''

@description('Lets whatever runs in Azure try to log in to both SQL servers, as the tutorial does. Off, only the two networks may. Sampling the replication lag from the controller would need it, because a Functions app has no address of its own; this version does not.')
param allowAzureServices bool = false

@description('Database SKU: name and tier.')
param databaseSku object = {
  name: 'S2'
  tier: 'Standard'
}

@description('Where database backups are kept. The tutorial\'s example has Local.')
@allowed(['Geo', 'GeoZone', 'Local', 'Zone'])
param databaseBackupRedundancy string = 'Geo'

@description('Address ranges of all three networks. They are equal, so that machines keep their addresses.')
param addresses object = {
  space: '10.60.0.0/23'
  gatewaySubnet: '10.60.0.0/24'
  clusterSubnet: '10.60.1.0/27'
}

@description('Suffix of WebSphere\'s node names.')
param dnsZone string = 'was.internal'

@description('Number of WebSphere machines, the deployment manager included.')
@minValue(2)
@maxValue(12)
param numberOfNodes int = 4

@description('Size of the machines.')
param vmSize string = 'Standard_D2s_v3'

@description('Kind of the machines\' disks.')
param diskType string = 'StandardSSD_LRS'

@description('Name of the machines\' administrator.')
param adminUsername string = 'azureuser'

@description('Public SSH key or password of the machines\' administrator.')
@secure()
param adminPasswordOrKey string = ''

@description('What the above is.')
@allowed(['sshPublicKey', 'password'])
param authenticationType string = 'sshPublicKey'

@description('Name of WebSphere\'s administrator.')
param wasUsername string = 'wsadmin'

@description('Password of WebSphere\'s administrator: letters, digits, "-", "_" and "." only.')
@secure()
param wasPassword string = ''

@description('Password of the web server\'s administrator, for the entry ibm_http_server. The same characters.')
@secure()
param ihsAdminPassword string = ''

@description('IBM id and its password with a space between. Empty: IBM\'s evaluation licence.')
@secure()
param ibmEntitlement string = ''

@description('Path of the application; 200 means that it serves.')
param applicationPath string = '/websphere-cafe/'

@description('Whether the gateways also listen for HTTPS, with gatewayCertificate.')
param gatewayHttps bool = false

@description('Certificate and key for the gateways: a PFX without password, in base64.')
@secure()
param gatewayCertificate string = ''

@description('Whether the gateways\' firewall refuses suspicious requests, or only notes them.')
@allowed(['Prevention', 'Detection'])
param wafMode string = 'Prevention'

@description('Protects a cluster that is there already: no network and no machine is made in the preferred region.')
param existingCluster bool = false

@description('What is there already, required with existingCluster: vnetId, clusterSubnetName, gatewaySubnetId (empty subnet; with application_gateway), egressAddress (for the SQL firewalls), webServerPublicIpId (with DNS label; with ibm_http_server), machines (each with id, name, role dmgr, managed or ihs, and address, static). Parameter addresses must hold the network\'s ranges.')
param existingWorkload object = {}

@description('Set to true once the machines are under protection: they are then left as they are. The template does not state the disk that WebSphere is on, because the image brings it along, so it should not state such a machine twice.')
param clusterIsMade bool = false

@description('Set to true to deploy while the workload runs in the standby region: what a failover moves (database roles, machines, traffic) is then left alone.')
param workloadMoved bool = false

@description('Tags of all resources.')
param tags object = {}

// One region cannot stand in for itself.
var standby = toLower(replace(standbyLocation, ' ', '')) == toLower(replace(preferredLocation, ' ', ''))
  ? fail('standbyLocation must not be preferredLocation: both sites would be lost with the region')
  : standbyLocation
var allTags = union(tags, { 'azd-env-name': environmentName })
var token = take(uniqueString(subscription().id, environmentName, preferredLocation), 6)
var byGateway = entry == 'application_gateway'
var consolesArePublic = !empty(operatorCidr)
var subnetNames = {
  gateway: 'gateway'
  cluster: existingCluster ? existingWorkload.clusterSubnetName : 'cluster'
}

// The first four addresses of a subnet are Azure's.
var dmgr = [{ name: 'dmgr${token}VM', role: 'dmgr', address: cidrHost(addresses.clusterSubnet, 3) }]
var members = [for i in range(1, numberOfNodes - 1): {
  name: 'managed${token}VM${i}'
  role: 'managed'
  address: cidrHost(addresses.clusterSubnet, 3 + i)
}]
var webServer = byGateway ? [] : [{ name: 'ihs${token}VM', role: 'ihs', address: cidrHost(addresses.clusterSubnet, 15) }]
var ownMachines = map(concat(dmgr, members, webServer), m => {
  name: m.name
  role: m.role
  address: m.address
  id: resourceId(subscription().subscriptionId, preferredGroupName, 'Microsoft.Compute/virtualMachines', m.name)
})
var allMachines = existingCluster ? existingWorkload.machines : ownMachines
var backendAddresses = map(filter(allMachines, m => m.role == 'managed'), m => m.address)

var preferredGroupName = 'rg-${environmentName}-preferred'
var standbyGroupName = 'rg-${environmentName}-standby'
var globalGroupName = 'rg-${environmentName}-global'
var sqlNames = {
  preferred: 'sql-${environmentName}-preferred-${token}'
  standby: 'sql-${environmentName}-standby-${token}'
  group: 'fog-${environmentName}-${token}'
  database: 'cafe'
}
var profileName = 'tmprofile-${environmentName}'
var profileId = resourceId(subscription().subscriptionId, globalGroupName, 'Microsoft.Network/trafficManagerProfiles', profileName)

resource preferredGroup 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: preferredGroupName
  location: preferredLocation
  tags: allTags
}

resource standbyGroup 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: standbyGroupName
  location: standby
  tags: allTags
}

// A resource group's metadata lives in its region: traffic must be steerable without the preferred one.
resource globalGroup 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: globalGroupName
  location: standby
  tags: allTags
}

module sites 'sites.bicep' = {
  name: 'farshore-${environmentName}-sites'
  params: {
    environmentName: environmentName
    token: token
    preferredLocation: preferredLocation
    standbyLocation: standby
    preferredGroupName: preferredGroup.name
    standbyGroupName: standbyGroup.name
    globalGroupName: globalGroup.name
    addresses: addresses
    subnetNames: subnetNames
    dnsZone: dnsZone
    webServerIsPublic: !byGateway
    consolesArePublic: consolesArePublic
    operatorCidr: operatorCidr
    existingCluster: existingCluster
    existingVnetId: existingCluster ? existingWorkload.vnetId : ''
    existingGatewaySubnetId: existingCluster ? existingWorkload.gatewaySubnetId : ''
    existingEgressAddress: existingCluster ? existingWorkload.egressAddress : ''
    existingWebServerPublicIpId: existingCluster ? existingWorkload.webServerPublicIpId : ''
    tags: allTags
  }
}

module data 'data.bicep' = {
  name: 'farshore-${environmentName}-data'
  params: {
    names: sqlNames
    preferredLocation: preferredLocation
    standbyLocation: standby
    preferredGroupName: preferredGroup.name
    standbyGroupName: standbyGroup.name
    administratorLogin: sqlAdministratorLogin
    administratorPassword: sqlAdministratorPassword
    entraAdminObjectId: entraAdminObjectId
    entraAdminName: entraAdminName
    entraAdminType: entraAdminType
    egressAddresses: sites.outputs.egressAddresses
    allowAzureServices: allowAzureServices
    databaseSku: databaseSku
    databaseBackupRedundancy: databaseBackupRedundancy
    withFailoverGroup: !workloadMoved
    tags: allTags
  }
}

module cluster 'cluster/websphere.bicep' = if (!existingCluster && !clusterIsMade && !workloadMoved) {
  name: 'cluster'
  scope: preferredGroup
  params: {
    location: preferredLocation
    subnetId: sites.outputs.clusterSubnetId
    machines: ownMachines
    dnsZone: dnsZone
    publicIpIds: sites.outputs.preferredMachineIpIds
    vmSize: vmSize
    diskType: diskType
    adminUsername: adminUsername
    adminPasswordOrKey: adminPasswordOrKey
    authenticationType: authenticationType
    wasUsername: wasUsername
    wasPassword: wasPassword
    ihsAdminPassword: ihsAdminPassword
    entitlement: empty(ibmEntitlement) ? ' ' : ibmEntitlement
    jndiName: 'jdbc/WebSphereCafeDB'
    jdbcUrl: 'jdbc:sqlserver://${data.outputs.listener}:1433;database=${sqlNames.database}'
    databaseUser: '${sqlAdministratorLogin}@${sqlNames.group}'
    databasePassword: sqlAdministratorPassword
    shareAccountName: 'stshare${uniqueString(subscription().id, environmentName, preferredLocation)}'
    shareAddress: cidrHost(addresses.clusterSubnet, 16)
    tags: allTags
  }
}

module gateways 'gateways.bicep' = if (byGateway) {
  name: 'farshore-${environmentName}-gateways'
  params: {
    environmentName: environmentName
    token: token
    preferredLocation: preferredLocation
    standbyLocation: standby
    preferredGroupName: preferredGroup.name
    standbyGroupName: standbyGroup.name
    preferredSubnetId: sites.outputs.preferredGatewaySubnetId
    standbySubnetId: sites.outputs.standbyGatewaySubnetId
    preferredPublicIpId: sites.outputs.preferredEntryIpId
    standbyPublicIpId: sites.outputs.standbyEntryIpId
    backendAddresses: backendAddresses
    probePath: applicationPath
    wafMode: wafMode
    https: gatewayHttps
    certificate: gatewayCertificate
    tags: allTags
  }
}

module traffic 'traffic/profile.bicep' = if (!workloadMoved) {
  name: 'traffic'
  scope: globalGroup
  params: {
    name: profileName
    dnsName: 'tm-${environmentName}-${token}'
    probePath: applicationPath
    preferredPublicIpId: sites.outputs.preferredEntryIpId
    standbyPublicIpId: sites.outputs.standbyEntryIpId
    tags: allTags
  }
}

@description('Resource group of the preferred site.')
output preferredResourceGroup string = preferredGroupName
@description('Resource group of the standby site.')
output standbyResourceGroup string = standbyGroupName
@description('Resource group of what belongs to both sites; located in the standby region.')
output globalResourceGroup string = globalGroupName
@description('Id of the Traffic Manager profile.')
output trafficManagerProfileId string = profileId
@description('The name that users know.')
output trafficManagerDnsName string = 'tm-${environmentName}-${token}.trafficmanager.net'
@description('Id of the endpoint that leads to the preferred site.')
output preferredEndpointId string = '${profileId}/azureEndpoints/myPrimaryEndpoint'
@description('Id of the endpoint that leads to the standby site.')
output standbyEndpointId string = '${profileId}/azureEndpoints/myFailoverEndpoint'
@description('Id of the SQL server in the preferred site.')
output preferredSqlServerId string = data.outputs.preferredServerId
@description('Id of the SQL server in the standby site.')
output standbySqlServerId string = data.outputs.standbyServerId
@description('Name of the failover group.')
output failoverGroupName string = sqlNames.group
@description('Name of the database.')
output databaseName string = sqlNames.database
@description('Id of the preferred site\'s gateway; empty with ibm_http_server.')
output preferredGatewayId string = byGateway ? gateways!.outputs.preferredId : ''
@description('Id of the standby site\'s gateway; empty with ibm_http_server.')
output standbyGatewayId string = byGateway ? gateways!.outputs.standbyId : ''
@description('Prepared addresses for recovered machines: which machines, and the address.')
output standbyPublicIps array = sites.outputs.standbyMachineIps
@description('Id of the preferred site\'s network.')
output preferredVnetId string = sites.outputs.preferredVnetId
@description('Id of the standby site\'s network.')
output standbyVnetId string = sites.outputs.standbyVnetId
@description('Id of the network for drills.')
output drillVnetId string = sites.outputs.drillVnetId
@description('Name of the machines\' subnet; the same in all three networks.')
output clusterSubnetName string = subnetNames.cluster
@description('Ids of the machines.')
output vmIds array = map(allMachines, m => m.id)
@description('Names of the machines, in the same order.')
output vmNames array = map(allMachines, m => m.name)
@description('Resource groups of the machines.')
output machineResourceGroups array = union([], map(allMachines, m => split(m.id, '/')[4]))
@description('Id of the deployment manager, for the scripts.')
output dmgrVmId string = first(filter(allMachines, m => m.role == 'dmgr')).id
@description('Ids of the machines of application servers, for the scripts.')
output managedVmIds array = map(filter(allMachines, m => m.role == 'managed'), m => m.id)
@description('Ids of the machines of web servers, for the scripts; none with application_gateway.')
output webServerVmIds array = map(filter(allMachines, m => m.role == 'ihs'), m => m.id)
@description('Name of the contained user for the lag sampling; empty for nobody.')
output lagSamplingUserName string = controllerPrincipalName
@description('Object id of that user.')
output lagSamplingUserId string = controllerPrincipalId
