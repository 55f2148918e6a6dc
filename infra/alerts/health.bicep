// What Azure itself says of the sites' resources and of their regions.

@description('Name of the environment.')
param environmentName string

@description('Resource groups of the sites.')
param groupIds array

@description('Regions of the sites, by their short names.')
param regions array

@description('Whom to tell.')
param actionGroupId string

@description('Tags.')
param tags object

// Service Health names regions as people do; a region that is missing here is taken as it is given.
var displayNames = loadJsonContent('regions.json')
var regionNames = map(regions, region => displayNames[?toLower(replace(region, ' ', ''))] ?? region)

resource resourceHealth 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'farshore-${environmentName}-resource-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure says that a resource of a site is ill, or well again. Nothing to do by hand: the controller looks by itself (docs/operating.md, "Look").'
    enabled: true
    scopes: groupIds
    condition: {
      // Two leaves on one field would never both hold: one field, one leaf.
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        {
          anyOf: [
            { field: 'properties.currentHealthStatus', equals: 'Unavailable' }
            { field: 'properties.currentHealthStatus', equals: 'Degraded' }
            { field: 'properties.currentHealthStatus', equals: 'Available' }
          ]
        }
        {
          anyOf: [
            { field: 'properties.cause', equals: 'PlatformInitiated' }
            { field: 'properties.cause', equals: 'Unknown' }
          ]
        }
      ]
    }
    actions: { actionGroups: [ { actionGroupId: actionGroupId } ] }
  }
}

resource serviceHealth 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'farshore-${environmentName}-service-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure says that a region of a site, or all of Azure, has an incident. Nothing to do by hand: the controller looks by itself; to be first, see docs/operating.md, "Start a failover".'
    enabled: true
    scopes: [ subscription().id ]
    condition: {
      allOf: [
        { field: 'category', equals: 'ServiceHealth' }
        { field: 'properties.incidentType', equals: 'Incident' }
        { field: 'properties.impactedServices[*].ImpactedRegions[*].RegionName', containsAny: concat(regionNames, [ 'Global' ]) }
      ]
    }
    actions: { actionGroups: [ { actionGroupId: actionGroupId } ] }
  }
}
