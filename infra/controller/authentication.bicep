// App Service's own authentication: the platform checks every caller's Entra token before the host
// checks the function key. The app itself checks no token; with this on it believes the callers'
// names (WEBSITE_AUTH_ENABLED in docs/configuration.md). People need a token as well then.

@description('Name of the function app.')
param appName string

@description('Client id of the Entra application that tokens must be for.')
param clientId string

resource app 'Microsoft.Web/sites@2024-11-01' existing = { name: appName }

resource authentication 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [ clientId, 'api://${clientId}' ] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}
