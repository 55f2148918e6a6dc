// All that makes the Application Gateway of one site: firewall policy, certificate, gateway.
targetScope = 'resourceGroup'

@description('Name of the gateway; what belongs to it is named after it.')
param name string

@description('Region of the site.')
param location string

@description('Id of the gateway\'s subnet.')
param subnetId string

@description('Id of the gateway\'s public address.')
param publicIpId string

@description('Addresses of the application servers.')
param backendAddresses array

@description('Path that the gateway asks the application servers.')
param probePath string

@description('Whether the firewall refuses requests, or only notes them.')
@allowed(['Prevention', 'Detection'])
param wafMode string

@description('Name of the certificate\'s vault.')
param vaultName string

@description('Whether the gateway also listens for HTTPS.')
param https bool

@description('PFX in base64; empty without HTTPS.')
@secure()
param certificate string

@description('Tags of all parts.')
param tags object

module waf 'waf-policy.bicep' = {
  name: '${name}-waf'
  params: {
    name: '${name}-waf'
    location: location
    mode: wafMode
    tags: tags
  }
}

module certified 'certificate.bicep' = if (https) {
  name: '${name}-certificate'
  params: {
    vaultName: vaultName
    identityName: '${name}-id'
    location: location
    certificate: certificate
    tags: tags
  }
}

module gateway 'application-gateway.bicep' = {
  name: name
  params: {
    name: name
    location: location
    subnetId: subnetId
    publicIpId: publicIpId
    wafPolicyId: waf.outputs.id
    backendAddresses: backendAddresses
    probePath: probePath
    certificateIdentityId: https ? certified!.outputs.identityId : ''
    certificateAddress: https ? certified!.outputs.secretAddress : ''
    tags: tags
  }
}

@description('Id of the gateway.')
output id string = gateway.outputs.id
