// An Application Gateway in each site.
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

@description('Id of the gateway\'s subnet in the preferred site.')
param preferredSubnetId string

@description('Id of the gateway\'s subnet in the standby site.')
param standbySubnetId string

@description('Id of the preferred gateway\'s public address.')
param preferredPublicIpId string

@description('Id of the standby gateway\'s public address.')
param standbyPublicIpId string

@description('Addresses of the application servers, the same in both sites.')
param backendAddresses array

@description('Path that the gateways ask the application servers.')
param probePath string

@description('Whether the firewalls refuse requests, or only note them.')
@allowed(['Prevention', 'Detection'])
param wafMode string

@description('Whether the gateways also listen for HTTPS.')
param https bool

@description('PFX in base64; empty without HTTPS.')
@secure()
param certificate string

@description('Tags of all parts.')
param tags object

module preferred 'gateway/site.bicep' = {
  name: 'preferred-gateway'
  scope: resourceGroup(preferredGroupName)
  params: {
    name: 'agw-${environmentName}-preferred'
    location: preferredLocation
    subnetId: preferredSubnetId
    publicIpId: preferredPublicIpId
    backendAddresses: backendAddresses
    probePath: probePath
    wafMode: wafMode
    vaultName: 'kv-agw-p-${token}'
    https: https
    certificate: certificate
    tags: tags
  }
}

module standby 'gateway/site.bicep' = {
  name: 'standby-gateway'
  scope: resourceGroup(standbyGroupName)
  params: {
    name: 'agw-${environmentName}-standby'
    location: standbyLocation
    subnetId: standbySubnetId
    publicIpId: standbyPublicIpId
    backendAddresses: backendAddresses
    probePath: probePath
    wafMode: wafMode
    vaultName: 'kv-agw-s-${token}'
    https: https
    certificate: certificate
    tags: tags
  }
}

@description('Id of the preferred site\'s gateway.')
output preferredId string = preferred.outputs.id
@description('Id of the standby site\'s gateway.')
output standbyId string = standby.outputs.id
