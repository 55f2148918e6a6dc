# wsadmin -lang jython -f session_persistence.py CLUSTER JNDI_NAME
#
# Keeps HTTP sessions in the database, so that they move with it. The tuning is the console's "Low
# (optimize for failover)": everything is written at the end of each request.
import sys

cluster_name = sys.argv[0]
jndi_name = sys.argv[1]

persistence = [
    ['datasourceJNDIName', jndi_name],
    ['tableSpaceName', 'sessions'],
]
tuning = [
    ['usingMultiRowSchema', 'true'],
    ['writeFrequency', 'END_OF_SERVLET_SERVICE'],
    ['writeContents', 'ALL_SESSION_ATTRIBUTES'],
    ['scheduleInvalidation', 'false'],
]

cluster = AdminConfig.getid('/ServerCluster:%s/' % cluster_name)
for member in AdminConfig.list('ClusterMember', cluster).splitlines():
    node = AdminConfig.showAttribute(member, 'nodeName')
    name = AdminConfig.showAttribute(member, 'memberName')
    server = AdminConfig.getid('/Node:%s/Server:%s/' % (node, name))
    manager = AdminConfig.list('SessionManager', server).splitlines()[0]
    AdminConfig.modify(manager, [
        ['sessionPersistenceMode', 'DATABASE'],
        ['sessionDatabasePersistence', persistence],
        ['tuningParams', tuning],
    ])
    print('Sessions of %s are kept in %s.' % (name, jndi_name))
AdminConfig.save()
AdminNodeManagement.syncActiveNodes()
