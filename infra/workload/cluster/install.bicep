// Runs the offer's script on one machine, once.
targetScope = 'resourceGroup'

@description('Name of the machine.')
param machineName string

@description('Region of the machine.')
param location string

@description('Addresses of the files that the command needs.')
param fileUris array

@description('What is run. Holds passwords, so it is never a plain setting.')
@secure()
param command string

@description('Tags of the extension.')
param tags object

resource machine 'Microsoft.Compute/virtualMachines@2024-11-01' existing = {
  name: machineName
}

resource script 'Microsoft.Compute/virtualMachines/extensions@2024-11-01' = {
  parent: machine
  name: 'install'
  location: location
  tags: tags
  properties: {
    publisher: 'Microsoft.Azure.Extensions'
    type: 'CustomScript'
    typeHandlerVersion: '2.1'
    autoUpgradeMinorVersion: true
    settings: {
      fileUris: fileUris
    }
    protectedSettings: {
      commandToExecute: command
    }
  }
}
