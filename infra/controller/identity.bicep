// Who the app is. User-assigned: its roles outlive the app, and are there before its first start.

@description('Name of the identity.')
param name string

@description('Region of the controller.')
param location string

@description('Tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id.')
output id string = identity.id

@description('Name.')
output name string = identity.name

@description('Object id, which roles are given to.')
output principalId string = identity.properties.principalId

@description('Client id, which the app and the host ask tokens for.')
output clientId string = identity.properties.clientId
