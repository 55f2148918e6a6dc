// What the gateway's firewall refuses. A policy of its own, because rules inside a gateway are retired.
targetScope = 'resourceGroup'

@description('Name of the policy.')
param name string

@description('Region of the policy.')
param location string

@description('Whether suspicious requests are refused, or only noted.')
@allowed(['Prevention', 'Detection'])
param mode string

@description('Tags of the policy.')
param tags object

resource policy 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    policySettings: {
      state: 'Enabled'
      mode: mode
      requestBodyCheck: true
      maxRequestBodySizeInKb: 128
      fileUploadLimitInMb: 100
    }
    managedRules: {
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.1'
        }
      ]
    }
  }
}

@description('Id of the policy.')
output id string = policy.id
