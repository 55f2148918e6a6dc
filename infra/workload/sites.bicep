// Networks, node names and public addresses: preferred site, standby site, drills.
targetScope = 'subscription'

@description('Name of the installation.')
param environmentName string

@description('Six characters that make names unique.')
param token string

@description('Preferred region.')
param preferredLocation string

@description('Standby region.')
param standbyLocation string

@description('Resource group of the preferred site.')
param preferredGroupName string

@description('Resource group of the standby site.')
param standbyGroupName string

@description('Resource group of what belongs to both.')
param globalGroupName string

@description('Address ranges: space, gatewaySubnet, clusterSubnet.')
param addresses object

@description('Names of the subnets: gateway, cluster.')
param subnetNames object

@description('Suffix of WebSphere\'s node names.')
param dnsZone string

@description('Whether the web server takes requests from the internet itself.')
param webServerIsPublic bool

@description('Whether the deployment manager gets public addresses.')
param consolesArePublic bool

@description('Who may reach the administrative ports from outside; empty for nobody.')
param operatorCidr string

@description('Whether the preferred site\'s network is there already.')
param existingCluster bool

@description('Id of that network.')
param existingVnetId string

@description('Id of the gateway\'s subnet there.')
param existingGatewaySubnetId string

@description('Address from which that network goes out.')
param existingEgressAddress string

@description('Id of the public address of the web server there.')
param existingWebServerPublicIpId string

@description('Tags of all parts.')
param tags object

var preferredName = '${environmentName}-preferred'
var standbyName = '${environmentName}-standby'
var entryName = webServerIsPublic ? 'ihs' : 'gateway'

module preferred 'network/site.bicep' = if (!existingCluster) {
  name: 'preferred-network'
  scope: resourceGroup(preferredGroupName)
  params: {
    name: preferredName
    location: preferredLocation
    addresses: addresses
    subnetNames: subnetNames
    webServerIsPublic: webServerIsPublic
    operatorCidr: operatorCidr
    tags: tags
  }
}

module standby 'network/site.bicep' = {
  name: 'standby-network'
  scope: resourceGroup(standbyGroupName)
  params: {
    name: standbyName
    location: standbyLocation
    addresses: addresses
    subnetNames: subnetNames
    webServerIsPublic: webServerIsPublic
    operatorCidr: operatorCidr
    tags: tags
  }
}

module drill 'network/drill.bicep' = {
  name: 'drill-network'
  scope: resourceGroup(standbyGroupName)
  params: {
    name: '${environmentName}-drill'
    location: standbyLocation
    addresses: addresses
    subnetNames: subnetNames
    tags: tags
  }
}

module names 'network/names.bicep' = {
  name: 'names'
  scope: resourceGroup(globalGroupName)
  params: {
    zoneName: dnsZone
    networks: existingCluster
      ? [
          { name: 'standby', vnetId: standby.outputs.vnetId }
        ]
      : [
          { name: 'preferred', vnetId: preferred!.outputs.vnetId }
          { name: 'standby', vnetId: standby.outputs.vnetId }
        ]
    tags: tags
  }
}

// A zone of its own with the same name: test machines have production's names, and in a shared zone
// each drill would write over production's records.
module drillNames 'network/names.bicep' = {
  name: 'drill-names'
  scope: resourceGroup(standbyGroupName)
  params: {
    zoneName: dnsZone
    networks: [
      { name: 'drill', vnetId: drill.outputs.vnetId }
    ]
    tags: tags
  }
}

module preferredEntry 'network/public-ip.bicep' = if (!(existingCluster && webServerIsPublic)) {
  name: 'preferred-entry-ip'
  scope: resourceGroup(preferredGroupName)
  params: {
    name: '${preferredName}-${entryName}-ip'
    location: preferredLocation
    dnsLabel: '${entryName}-${environmentName}-${token}'
    tags: tags
  }
}

module standbyEntry 'network/public-ip.bicep' = {
  name: 'standby-entry-ip'
  scope: resourceGroup(standbyGroupName)
  params: {
    name: '${standbyName}-${entryName}-ip'
    location: standbyLocation
    dnsLabel: '${entryName}-${environmentName}-${token}-standby'
    tags: tags
  }
}

module preferredConsole 'network/public-ip.bicep' = if (consolesArePublic && !existingCluster) {
  name: 'preferred-dmgr-ip'
  scope: resourceGroup(preferredGroupName)
  params: {
    name: '${preferredName}-dmgr-ip'
    location: preferredLocation
    dnsLabel: 'dmgr-${environmentName}-${token}'
    tags: tags
  }
}

module standbyConsole 'network/public-ip.bicep' = if (consolesArePublic) {
  name: 'standby-dmgr-ip'
  scope: resourceGroup(standbyGroupName)
  params: {
    name: '${standbyName}-dmgr-ip'
    location: standbyLocation
    dnsLabel: 'dmgr-${environmentName}-${token}-standby'
    tags: tags
  }
}

var preferredEntryId = existingCluster && webServerIsPublic ? existingWebServerPublicIpId : preferredEntry!.outputs.id
var webServerIps = webServerIsPublic
  ? [
      { machines: 'ihs*', publicIpId: standbyEntry.outputs.id }
    ]
  : []
var consoleIps = consolesArePublic
  ? [
      { machines: 'dmgr*', publicIpId: standbyConsole!.outputs.id }
    ]
  : []

@description('Id of the preferred site\'s network.')
output preferredVnetId string = existingCluster ? existingVnetId : preferred!.outputs.vnetId
@description('Id of the standby site\'s network.')
output standbyVnetId string = standby.outputs.vnetId
@description('Id of the network for drills.')
output drillVnetId string = drill.outputs.vnetId
@description('Id of the machines\' subnet in the preferred site; empty if it is there already.')
output clusterSubnetId string = existingCluster ? '' : preferred!.outputs.clusterSubnetId
@description('Id of the gateway\'s subnet in the preferred site.')
output preferredGatewaySubnetId string = existingCluster ? existingGatewaySubnetId : preferred!.outputs.gatewaySubnetId
@description('Id of the gateway\'s subnet in the standby site.')
output standbyGatewaySubnetId string = standby.outputs.gatewaySubnetId
@description('Addresses from which the two sites go out.')
output egressAddresses array = [
  existingCluster ? existingEgressAddress : preferred!.outputs.egressAddress
  standby.outputs.egressAddress
]
@description('Id of the public address that Traffic Manager leads to in the preferred site.')
output preferredEntryIpId string = preferredEntryId
@description('Id of the public address that Traffic Manager leads to in the standby site.')
output standbyEntryIpId string = standbyEntry.outputs.id
@description('Public addresses of the preferred site\'s machines, by role; empty for none.')
output preferredMachineIpIds object = {
  dmgr: consolesArePublic && !existingCluster ? preferredConsole!.outputs.id : ''
  managed: ''
  ihs: webServerIsPublic ? preferredEntryId : ''
}
@description('Prepared addresses for the machines that recovery makes in the standby site.')
output standbyMachineIps array = concat(webServerIps, consoleIps)
