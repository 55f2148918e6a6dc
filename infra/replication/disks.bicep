// Which managed disks a machine has. WebSphere's own disk comes with the image and gets a name that
// nobody chose, so it has to be read.
targetScope = 'resourceGroup'

@description('Name of the machine.')
param machineName string

resource machine 'Microsoft.Compute/virtualMachines@2024-11-01' existing = {
  name: machineName
}

@description('Ids of the managed disks: the system\'s first, then data.')
output ids array = concat(
  [machine.properties.storageProfile.osDisk.managedDisk.id],
  map(machine.properties.storageProfile.?dataDisks ?? [], disk => disk.managedDisk.id)
)
