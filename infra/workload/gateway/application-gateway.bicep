// The gateway of one site. Both sites' gateways are alike down to the backends' addresses: recovery
// gives the machines the addresses that they had.
targetScope = 'resourceGroup'

@description('Name of the gateway.')
param name string

@description('Region of the gateway.')
param location string

@description('Id of the gateway\'s subnet.')
param subnetId string

@description('Id of the gateway\'s public address.')
param publicIpId string

@description('Id of the firewall policy.')
param wafPolicyId string

@description('Addresses of the application servers.')
param backendAddresses array

@description('Path that the gateway asks the application servers; only 200 is healthy.')
param probePath string

@description('Id of the identity that reads the certificate; empty without HTTPS.')
param certificateIdentityId string

@description('Address of the certificate in Key Vault; empty without HTTPS.')
param certificateAddress string

@description('Tags of the gateway.')
param tags object

var gatewayId = resourceId('Microsoft.Network/applicationGateways', name)
var https = !empty(certificateAddress)
var listeners = https
  ? [
      { name: 'http', protocol: 'Http' }
      { name: 'https', protocol: 'Https' }
    ]
  : [
      { name: 'http', protocol: 'Http' }
    ]

resource gateway 'Microsoft.Network/applicationGateways@2024-05-01' = {
  name: name
  location: location
  tags: tags
  identity: https
    ? {
        type: 'UserAssigned'
        userAssignedIdentities: {
          '${certificateIdentityId}': {}
        }
      }
    : null
  properties: {
    sku: {
      name: 'WAF_v2'
      tier: 'WAF_v2'
    }
    // One instance always answers, in the standby site too: a gateway that is created or scaled from
    // nothing during a failover would cost minutes.
    autoscaleConfiguration: {
      minCapacity: 1
      maxCapacity: 3
    }
    firewallPolicy: {
      id: wafPolicyId
    }
    sslPolicy: {
      policyType: 'Predefined'
      policyName: 'AppGwSslPolicy20220101'
    }
    gatewayIPConfigurations: [
      {
        name: 'subnet'
        properties: {
          subnet: {
            id: subnetId
          }
        }
      }
    ]
    frontendIPConfigurations: [
      {
        name: 'public'
        properties: {
          publicIPAddress: {
            id: publicIpId
          }
        }
      }
    ]
    frontendPorts: [
      {
        name: 'http'
        properties: {
          port: 80
        }
      }
      {
        name: 'https'
        properties: {
          port: 443
        }
      }
    ]
    sslCertificates: https
      ? [
          {
            name: 'gateway'
            properties: {
              keyVaultSecretId: certificateAddress
            }
          }
        ]
      : []
    backendAddressPools: [
      {
        name: 'cluster'
        properties: {
          backendAddresses: map(backendAddresses, address => {
            ipAddress: address
          })
        }
      }
    ]
    probes: [
      {
        // Not "/", and no 404: a cluster without the application must not count as healthy.
        name: 'application'
        properties: {
          protocol: 'Http'
          host: '127.0.0.1'
          path: probePath
          interval: 10
          timeout: 10
          unhealthyThreshold: 3
          match: {
            statusCodes: ['200']
          }
        }
      }
    ]
    backendHttpSettingsCollection: [
      {
        name: 'cluster'
        properties: {
          protocol: 'Http'
          port: 9080
          cookieBasedAffinity: 'Enabled'
          requestTimeout: 30
          connectionDraining: {
            enabled: true
            drainTimeoutInSec: 30
          }
          probe: {
            id: '${gatewayId}/probes/application'
          }
        }
      }
    ]
    httpListeners: [for listener in listeners: {
      name: listener.name
      properties: {
        protocol: listener.protocol
        frontendIPConfiguration: {
          id: '${gatewayId}/frontendIPConfigurations/public'
        }
        frontendPort: {
          id: '${gatewayId}/frontendPorts/${listener.name}'
        }
        sslCertificate: listener.protocol == 'Https'
          ? {
              id: '${gatewayId}/sslCertificates/gateway'
            }
          : null
      }
    }]
    requestRoutingRules: [for (listener, i) in listeners: {
      name: listener.name
      properties: {
        priority: 100 + i * 10
        ruleType: 'Basic'
        httpListener: {
          id: '${gatewayId}/httpListeners/${listener.name}'
        }
        backendAddressPool: {
          id: '${gatewayId}/backendAddressPools/cluster'
        }
        backendHttpSettings: {
          id: '${gatewayId}/backendHttpSettingsCollection/cluster'
        }
      }
    }]
  }
}

@description('Id of the gateway.')
output id string = gateway.id
