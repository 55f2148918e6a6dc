// Messages that the controller could not handle (docs/operating.md, "The poison queue", "Dead letters").

@description('Name of the environment.')
param environmentName string

@description('Namespace of the queues.')
param namespaceId string

@description('Whom to tell.')
param actionGroupId string

@description('Tags.')
param tags object

var rules = [
  {
    name: 'poison'
    metric: 'ActiveMessages'
    queues: [ 'poison' ]
    description: 'A message could not be handled and was put aside. Read its reason and mend the cause, then delete it (docs/operating.md, "The `poison` queue").'
  }
  {
    name: 'dead-letters'
    metric: 'DeadletteredMessages'
    queues: [ 'signals', 'wakes' ]
    description: 'Messages could not be delivered to the app ten times. Mend what the log names, then resubmit or delete them (docs/operating.md, "Dead letters").'
  }
]

resource alerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [for rule in rules: {
  name: 'farshore-${environmentName}-${rule.name}'
  location: 'global'
  tags: tags
  properties: {
    description: rule.description
    severity: 2
    enabled: true
    scopes: [ namespaceId ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'messages-wait'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: rule.metric
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Maximum'
          dimensions: [ { name: 'EntityName', operator: 'Include', values: rule.queues } ]
        }
      ]
    }
    actions: [ { actionGroupId: actionGroupId } ]
  }
}]
