// What the controller's own log tells people: a run that did not end well, and silence. A dead man's
// handle: the rule fires when nothing is heard, so it needs nothing of the controller to work.

@description('Name of the environment.')
param environmentName string

@description('Workspace with the logs.')
param workspaceId string

@description('Whom to tell.')
param actionGroupId string

@description('Region of the workspace; a rule has to be where its logs are.')
param location string

@description('Tags.')
param tags object

// The words are the app's own log lines; a test finds them in the code.
var complaints = [ 'a person is asked to look', 'a person must look', 'nobody could be told', 'the watch could not look', 'the sweep could not move a run' ]
var badEnds = [ 'outcome=NeedsHuman', 'outcome=Failed', 'outcome=Degraded' ]
// The timers, which Azure calls whether or not anything happens.
var heartbeats = [ 'watch', 'sweep' ]

resource failedRun 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'farshore-${environmentName}-failed-run'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Farshore: a person must look'
    description: 'A run has ended badly, a person is asked, or a turn could not be made. Read the report and go on from there (docs/operating.md, "After `needs_human`").'
    // Users are cut off, or will be.
    severity: 0
    enabled: true
    scopes: [ workspaceId ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    autoMitigate: false
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has_any (dynamic(${string(complaints)})) or (Message has "run ended" and Message has_any (dynamic(${string(badEnds)})))'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [ actionGroupId ] }
  }
}

resource silence 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for name in heartbeats: {
  name: 'farshore-${environmentName}-silent-${name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Farshore: ${name} is silent'
    description: 'For ten minutes ${name} has not ended well: nobody watches over the workload. See whether the app runs, and fail over by hand if you must (docs/operating.md, "When nothing works").'
    severity: 1
    enabled: true
    scopes: [ workspaceId ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT10M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'AppRequests | where OperationName == "${name}" and Success'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [ actionGroupId ] }
  }
}]
