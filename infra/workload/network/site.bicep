// The network of one site. Both sites have the same ranges and subnet names, so that machines keep
// their addresses; the two networks must therefore never be peered.
targetScope = 'resourceGroup'

@description('What the names of the network\'s parts begin with.')
param name string

@description('Region of the network.')
param location string

@description('Address ranges: space, gatewaySubnet, clusterSubnet.')
param addresses object

@description('Names of the subnets: gateway, cluster.')
param subnetNames object

@description('Whether the web server\'s machine takes requests from the internet itself.')
param webServerIsPublic bool

@description('Who may reach the administrative ports from outside, as CIDR. Empty: nobody.')
param operatorCidr string

@description('Tags of all parts.')
param tags object

resource egressAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${name}-egress-ip'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

// A known way out lets the SQL servers' firewalls name the sites instead of all of Azure.
resource egress 'Microsoft.Network/natGateways@2024-05-01' = {
  name: '${name}-egress'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    idleTimeoutInMinutes: 10
    publicIpAddresses: [
      {
        id: egressAddress.id
      }
    ]
  }
}

resource gatewayRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-gateway-nsg'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'AllowWeb'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRanges: ['80', '443']
        }
      }
      {
        // The platform's own access; an Application Gateway v2 does not work without it.
        name: 'AllowGatewayManager'
        properties: {
          priority: 110
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'GatewayManager'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '65200-65535'
        }
      }
    ]
  }
}

resource clusterRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-cluster-nsg'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'OperatorPorts'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: empty(operatorCidr) ? 'Deny' : 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: empty(operatorCidr) ? 'Internet' : operatorCidr
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRanges: ['9060', '9043', '9080', '9443']
        }
      }
      {
        name: 'Web'
        properties: {
          priority: 110
          direction: 'Inbound'
          access: webServerIsPublic ? 'Allow' : 'Deny'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRanges: ['80', '443']
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
          networkSecurityGroup: {
            id: gatewayRules.id
          }
        }
      }
      {
        name: subnetNames.cluster
        properties: {
          addressPrefix: addresses.clusterSubnet
          defaultOutboundAccess: false
          natGateway: {
            id: egress.id
          }
          networkSecurityGroup: {
            id: clusterRules.id
          }
        }
      }
    ]
  }
}

@description('Id of the network.')
output vnetId string = network.id

@description('Id of the subnet for the Application Gateway.')
output gatewaySubnetId string = '${network.id}/subnets/${subnetNames.gateway}'

@description('Id of the subnet for the machines.')
output clusterSubnetId string = '${network.id}/subnets/${subnetNames.cluster}'

@description('Address from which the machines go out.')
output egressAddress string = egressAddress.properties.ipAddress
