// A public address with a DNS label. Traffic Manager takes no address without one.
targetScope = 'resourceGroup'

@description('Name of the address.')
param name string

@description('Region of the address.')
param location string

@description('DNS label; unique in the region.')
param dnsLabel string

@description('Tags of the address.')
param tags object

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
    dnsSettings: {
      domainNameLabel: dnsLabel
    }
  }
}

@description('Id of the address.')
output id string = address.id
