// The network that test machines join. They carry production's names, addresses, data source and
// password, and the SQL listener is public: nothing but this network keeps them from production's
// data. It has no peering, no way out (no NAT gateway, no default access), and rules that deny even so.
targetScope = 'resourceGroup'

@description('What the names of the network\'s parts begin with.')
param name string

@description('Region of the network: the standby region.')
param location string

@description('Address ranges: space, gatewaySubnet, clusterSubnet. The same as the sites\'.')
param addresses object

@description('Names of the subnets: gateway, cluster. The same as the sites\'.')
param subnetNames object

@description('Tags of all parts.')
param tags object

resource rules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-nsg'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'AllowEachOther'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: addresses.space
          sourcePortRange: '*'
          destinationAddressPrefix: addresses.space
          destinationPortRange: '*'
        }
      }
      {
        name: 'DenyAllIn'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
      {
        name: 'AllowToEachOther'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: addresses.space
          sourcePortRange: '*'
          destinationAddressPrefix: addresses.space
          destinationPortRange: '*'
        }
      }
      {
        // The host's wire server: without it the VM agent never reports ready. Also DNS and DHCP.
        name: 'AllowPlatform'
        properties: {
          priority: 110
          direction: 'Outbound'
          access: 'Allow'
          protocol: '*'
          sourceAddressPrefix: addresses.space
          sourcePortRange: '*'
          destinationAddressPrefix: '168.63.129.16/32'
          destinationPortRanges: ['53', '67', '80', '32526']
        }
      }
      {
        name: 'AllowInstanceMetadata'
        properties: {
          priority: 120
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: addresses.space
          sourcePortRange: '*'
          destinationAddressPrefix: '169.254.169.254/32'
          destinationPortRange: '80'
        }
      }
      {
        name: 'DenyAllOut'
        properties: {
          priority: 4096
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${name}-vnet'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addresses.space
      ]
    }
    subnets: [
      {
        name: subnetNames.gateway
        properties: {
          addressPrefix: addresses.gatewaySubnet
          defaultOutboundAccess: false
          networkSecurityGroup: {
            id: rules.id
          }
        }
      }
      {
        name: subnetNames.cluster
        properties: {
          addressPrefix: addresses.clusterSubnet
          defaultOutboundAccess: false
          networkSecurityGroup: {
            id: rules.id
          }
        }
      }
    ]
  }
}

@description('Id of the network.')
output vnetId string = network.id
