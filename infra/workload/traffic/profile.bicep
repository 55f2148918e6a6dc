// The name that users know. Settings are the tutorial's.
targetScope = 'resourceGroup'

@description('Name of the profile.')
param name string

@description('First label of the profile\'s DNS name; unique in the world.')
param dnsName string

@description('Path that Traffic Manager asks; 200 means healthy.')
param probePath string

@description('Id of the public address that leads to the preferred site.')
param preferredPublicIpId string

@description('Id of the public address that leads to the standby site.')
param standbyPublicIpId string

@description('Tags of the profile.')
param tags object

resource profile 'Microsoft.Network/trafficManagerProfiles@2022-04-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    profileStatus: 'Enabled'
    trafficRoutingMethod: 'Priority'
    dnsConfig: {
      relativeName: dnsName
      ttl: 10
    }
    monitorConfig: {
      protocol: 'HTTP'
      port: 80
      path: probePath
      intervalInSeconds: 10
      toleratedNumberOfFailures: 3
      timeoutInSeconds: 5
    }
    endpoints: [
      {
        name: 'myPrimaryEndpoint'
        type: 'Microsoft.Network/trafficManagerProfiles/azureEndpoints'
        properties: {
          targetResourceId: preferredPublicIpId
          endpointStatus: 'Enabled'
          priority: 1
        }
      }
      {
        // Degraded in the normal state: nothing runs in the standby site.
        name: 'myFailoverEndpoint'
        type: 'Microsoft.Network/trafficManagerProfiles/azureEndpoints'
        properties: {
          targetResourceId: standbyPublicIpId
          endpointStatus: 'Enabled'
          priority: 2
        }
      }
    ]
  }
}
