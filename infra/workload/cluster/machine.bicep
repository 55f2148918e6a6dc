// One machine of the cluster with its network interface.
targetScope = 'resourceGroup'

@description('Name of the machine.')
param name string

@description('Region of the machine.')
param location string

@description('Id of its subnet.')
param subnetId string

@description('Its private address. Fixed, because the standby site\'s gateway already knows it.')
param address string

@description('Id of its public address; empty for none.')
param publicIpId string

@description('Publisher of the image.')
param imagePublisher string

@description('Offer and plan of the image.')
param imageName string

@description('Version of the image.')
param imageVersion string

@description('Size of the machine.')
param size string

@description('Kind of its disks.')
param diskType string

@description('Name of its administrator.')
param adminUsername string

@description('Public SSH key or password of its administrator.')
@secure()
param adminPasswordOrKey string

@description('What the above is.')
@allowed(['sshPublicKey', 'password'])
param authenticationType string

@description('IBM id and password with a space between, or one space for an evaluation.')
@secure()
param entitlement string

@description('Tags of all parts.')
param tags object

var byKey = authenticationType == 'sshPublicKey'

resource nic 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: '${name}-if'
  location: location
  tags: tags
  properties: {
    ipConfigurations: [
      {
        name: 'ipconfig1'
        properties: {
          primary: true
          privateIPAllocationMethod: 'Static'
          privateIPAddress: address
          subnet: {
            id: subnetId
          }
          publicIPAddress: empty(publicIpId)
            ? null
            : {
                id: publicIpId
              }
        }
      }
    ]
    dnsSettings: {
      internalDnsNameLabel: name
    }
  }
}

resource machine 'Microsoft.Compute/virtualMachines@2024-11-01' = {
  name: name
  location: location
  tags: tags
  plan: {
    publisher: imagePublisher
    product: imageName
    name: imageName
  }
  properties: {
    hardwareProfile: {
      vmSize: size
    }
    storageProfile: {
      imageReference: {
        publisher: imagePublisher
        offer: imageName
        sku: imageName
        version: imageVersion
      }
      // WebSphere itself is on a data disk, which the image brings along.
      osDisk: {
        name: '${name}-disk'
        createOption: 'FromImage'
        managedDisk: {
          storageAccountType: diskType
        }
      }
    }
    osProfile: {
      computerName: name
      adminUsername: adminUsername
      adminPassword: byKey ? null : adminPasswordOrKey
      customData: base64(entitlement)
      linuxConfiguration: byKey
        ? {
            disablePasswordAuthentication: true
            ssh: {
              publicKeys: [
                {
                  path: join(['', 'home', adminUsername, '.ssh', 'authorized_keys'], '/')
                  keyData: adminPasswordOrKey
                }
              ]
            }
          }
        : null
    }
    networkProfile: {
      networkInterfaces: [
        {
          id: nic.id
        }
      ]
    }
    diagnosticsProfile: {
      bootDiagnostics: {
        enabled: true
      }
    }
  }
}

@description('Id of the machine.')
output id string = machine.id
