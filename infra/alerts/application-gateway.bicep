// No backend of a gateway is healthy. The standby's gateway has none in the normal state: its rule
// stays fired, says so once, and is only recorded. A dead region may send no figures at all, so this
// is a witness beside the controller's own probe and never the only one.

@description('Name of the environment.')
param environmentName string

@description('Application gateways.')
param gatewayIds array

@description('Whom to tell.')
param actionGroupId string

@description('Tags.')
param tags object

resource rules 'Microsoft.Insights/metricAlerts@2018-03-01' = [for id in gatewayIds: {
  name: 'farshore-${environmentName}-gateway-${last(split(id, '/'))}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The gateway ${last(split(id, '/'))} has no healthy backend. Nothing to do by hand: the controller looks by itself. In the place where the workload does not run it stays fired (docs/operating.md, "Look").'
    severity: 1
    enabled: true
    scopes: [ id ]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'no-healthy-backend'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Network/applicationGateways'
          metricName: 'HealthyHostCount'
          operator: 'LessThan'
          threshold: 1
          timeAggregation: 'Average'
        }
      ]
    }
    actions: [ { actionGroupId: actionGroupId } ]
  }
}]
