// One rule for each endpoint, for ever: what is heard of the place where the workload does not run is
// only recorded, so nothing is swapped after a failover. The dimension is named, because without it
// the standby's endpoint, which is Degraded in the normal state, would keep one rule fired.

@description('Name of the environment.')
param environmentName string

@description('Traffic Manager profile.')
param profileId string

@description('Endpoints of the profile.')
param endpointIds array

@description('Whom to tell.')
param actionGroupId string

@description('Tags.')
param tags object

resource rules 'Microsoft.Insights/metricAlerts@2018-03-01' = [for id in endpointIds: {
  name: 'farshore-${environmentName}-endpoint-${last(split(id, '/'))}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Traffic Manager finds ${last(split(id, '/'))} degraded. Nothing to do by hand: the controller looks by itself. If nothing happens, see what it believes (docs/operating.md, "Look").'
    severity: 1
    enabled: true
    scopes: [ profileId ]
    evaluationFrequency: 'PT1M'
    // The shortest there is: the metric comes once a minute.
    windowSize: 'PT1M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'endpoint-is-degraded'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Network/trafficManagerProfiles'
          metricName: 'ProbeAgentCurrentEndpointStateByProfileResourceId'
          operator: 'LessThan'
          threshold: 1
          timeAggregation: 'Maximum'
          dimensions: [ { name: 'EndpointName', operator: 'Include', values: [ last(split(id, '/')) ] } ]
        }
      ]
    }
    actions: [ { actionGroupId: actionGroupId } ]
  }
}]
