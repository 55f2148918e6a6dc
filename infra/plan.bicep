// The plan, made of what was deployed: no id of it is typed by a person. Format: schemas/plan.schema.json.
targetScope = 'subscription'

@description('Name of the workload.')
param workload string = 'websphere-cafe'

@description('What may happen without a person: observe, approve or automatic.')
param mode string = 'observe'

@description('Accepts that an automatic failover may lose data that was not yet replicated. `automatic` demands it.')
param acceptUnmeasuredDataLoss bool = false

@description('Region of the preferred site.')
param preferredLocation string

@description('Region of the standby site.')
param standbyLocation string

@allowed([ 'application_gateway', 'ibm_http_server' ])
@description('How requests come in.')
param entry string

@description('How many backends must be healthy for a site to count as serving.')
param minHealthy int = 2

@description('SQL server of the preferred site.')
param preferredSqlServerId string

@description('SQL server of the standby site.')
param standbySqlServerId string

@description('Traffic Manager endpoint of the preferred site.')
param preferredEndpointId string

@description('Traffic Manager endpoint of the standby site.')
param standbyEndpointId string

@description('Application gateway of the preferred site; empty with ibm_http_server.')
param preferredGatewayId string

@description('Application gateway of the standby site; empty with ibm_http_server.')
param standbyGatewayId string

@description('Prepared public addresses of the standby site, as infra/workload puts them out: { machines, publicIpId }.')
param standbyPublicIps array

@description('Name of the failover group.')
param failoverGroupName string

@description('Traffic Manager profile.')
param trafficManagerProfileId string

@description('Recovery Services vault.')
param vaultId string

@description('Name of the recovery plan.')
param recoveryPlanName string

@description('Network that test machines join.')
param drillVnetId string

@description('The plan.')
output plan object = {
  version: 1
  workload: workload
  mode: mode
  accept_unmeasured_data_loss: acceptUnmeasuredDataLoss
  objectives: { rto_s: 1200, rpo_s: 300 }
  preferred: {
    region: toLower(replace(preferredLocation, ' ', ''))
    sql_server: preferredSqlServerId
    traffic_endpoint: preferredEndpointId
    entry: entry == 'application_gateway' ? { kind: entry, gateway: preferredGatewayId, min_healthy: minHealthy } : { kind: entry }
  }
  standby: {
    region: toLower(replace(standbyLocation, ' ', ''))
    sql_server: standbySqlServerId
    traffic_endpoint: standbyEndpointId
    entry: entry == 'application_gateway' ? { kind: entry, gateway: standbyGatewayId, min_healthy: minHealthy } : { kind: entry }
    public_ips: map(standbyPublicIps, one => { machine: one.machines, public_ip: one.publicIpId })
  }
  failover_group: failoverGroupName
  traffic_manager_profile: trafficManagerProfileId
  site_recovery: { vault: vaultId, recovery_plan: recoveryPlanName, recovery_point: 'latest_processed' }
  application: { path: '/websphere-cafe/', data_path: '/websphere-cafe/rest/coffees', data_contains: 'farshore-sentinel' }
  drill: { schedule: '0 4 * * 3', time_zone: 'UTC', network: drillVnetId, hold_s: 60 }
}
