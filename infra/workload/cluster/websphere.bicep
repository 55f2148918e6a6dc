// The WebSphere cluster of the preferred site: what the marketplace offer makes, without its
// subscription-wide identity, its retired public addresses and its random names.
targetScope = 'resourceGroup'

@description('Region of the machines.')
param location string

@description('Id of the machines\' subnet.')
param subnetId string

@description('The machines: name, role (dmgr, managed or ihs) and address. The deployment manager comes first.')
param machines array

@description('Suffix of the node names.')
param dnsZone string

@description('Ids of the public addresses of the deployment manager and the web server: dmgr, managed (always empty), ihs.')
param publicIpIds object

@description('Size of the machines.')
param vmSize string

@description('Kind of their disks.')
param diskType string

@description('Name of the machines\' administrator.')
param adminUsername string

@description('Public SSH key or password of the machines\' administrator.')
@secure()
param adminPasswordOrKey string

@description('What the above is.')
@allowed(['sshPublicKey', 'password'])
param authenticationType string

@description('Name of WebSphere\'s administrator.')
param wasUsername string

@description('Password of WebSphere\'s administrator. The offer\'s scripts do not quote it: letters, digits, "-", "_" and "." only.')
@secure()
param wasPassword string

@description('Password of the web server\'s administrator; empty without a web server. The same characters.')
@secure()
param ihsAdminPassword string

@description('IBM id and password with a space between, or one space for an evaluation.')
@secure()
param entitlement string

@description('JNDI name of the data source.')
param jndiName string

@description('JDBC address of the database, over the failover group\'s listener.')
param jdbcUrl string

@description('User of the data source.')
param databaseUser string

@description('Password of that user.')
@secure()
param databasePassword string

@description('Name of the storage account that hands over the web server\'s definition.')
param shareAccountName string

@description('Private address of that share.')
param shareAddress string

@description('Tags of all parts.')
param tags object

// Images and scripts belong together: the scripts read what the images' first start leaves behind.
// Raise all of them at once, from the offer's own config.json.
var images = loadJsonContent('images.json')
var shareName = 'wasshare'
var sharePath = '/mnt/${shareName}'
var hasWebServer = length(filter(machines, machine => machine.role == 'ihs')) > 0
var dmgrName = machines[0].name

// `hostname -A`, from which the offer's scripts take WebSphere's node names, asks this file first. So
// the names are the same whatever the network says, and they move with the disk.
var hosts = join(map(machines, machine => '${machine.address} ${machine.name}.${dnsZone} ${machine.name}'), '\\n')
var pinNames = 'grep -q ${dnsZone} /etc/hosts || printf \'%b\\n\' \'${hosts}\' >> /etc/hosts'

var nodeFiles = [
  '${images.scripts}install.sh'
  '${images.scripts}create-cluster.py'
  '${images.scripts}create-dcluster.py'
  '${images.scripts}configure-ihs-on-dmgr.sh'
  '${images.scripts}configure-im.py'
  '${images.scripts}pluginutil.sh'
  '${images.scripts}create-ds.sh'
  '${images.scripts}create-ds-sqlserver.py.template'
]
var webServerFiles = [
  '${images.scripts}configure-ihs.sh'
]

resource shareAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: shareAccountName
}

module share 'share.bicep' = if (hasWebServer) {
  name: 'cluster-share'
  params: {
    accountName: shareAccountName
    shareName: shareName
    location: location
    subnetId: subnetId
    address: shareAddress
    tags: tags
  }
}

module nodes 'machine.bicep' = [for machine in machines: {
  name: 'machine-${machine.name}'
  params: {
    name: machine.name
    location: location
    subnetId: subnetId
    address: machine.address
    publicIpId: publicIpIds[machine.role]
    imagePublisher: images.publisher
    imageName: machine.role == 'ihs' ? images.webServer : images.cluster
    imageVersion: images.version
    size: vmSize
    diskType: diskType
    adminUsername: adminUsername
    adminPasswordOrKey: adminPasswordOrKey
    authenticationType: authenticationType
    entitlement: entitlement
    tags: tags
  }
}]

// All at the same time: the deployment manager waits for the nodes, the nodes for the deployment
// manager, and both for the web server's definition. One after the other they would wait for ever.
module installs 'install.bicep' = [for (machine, i) in machines: {
  name: 'install-${machine.name}'
  params: {
    machineName: machine.name
    location: location
    fileUris: machine.role == 'ihs' ? webServerFiles : nodeFiles
    command: machine.role == 'ihs'
      ? '${pinNames}; sh configure-ihs.sh ${dmgrName} ${adminUsername} ihsadmin \'${ihsAdminPassword}\' ${shareAccountName} ${shareAccount.listKeys().keys[0].value} ${shareName} ${sharePath} ${shareAddress}'
      : '${pinNames}; sh install.sh ${machine.role == 'dmgr' ? 'True' : 'False'} ${wasUsername} \'${wasPassword}\' ${dmgrName} ${length(filter(machines, m => m.role == 'managed'))} False True sqlserver ${base64(jndiName)} ${base64(jdbcUrl)} ${base64(databaseUser)} ${base64(databasePassword)} False NA ${hasWebServer ? 'True ${shareAccountName} ${shareAccount.listKeys().keys[0].value} ${shareName} ${sharePath} ${shareAddress}' : 'False'}'
    tags: tags
  }
  dependsOn: [
    nodes[i]
    share
  ]
}]
