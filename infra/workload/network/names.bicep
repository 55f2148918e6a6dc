// A private DNS zone in which the machines of the linked networks register themselves.
targetScope = 'resourceGroup'

@description('Name of the zone: the suffix of WebSphere\'s node names.')
param zoneName string

@description('Networks whose machines register here: name (of the link) and vnetId.')
param networks array

@description('Tags of the zone.')
param tags object

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags
}

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for network in networks: {
  parent: zone
  name: network.name
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: true
    virtualNetwork: {
      id: network.vnetId
    }
  }
}]
