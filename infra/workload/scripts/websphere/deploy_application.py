# wsadmin -lang jython -f deploy_application.py CLUSTER APPLICATION EAR
#
# Installs the application on the cluster and, if there is one, on the web server; or updates it.
import re
import sys

cluster_name = sys.argv[0]
application = sys.argv[1]
ear = sys.argv[2]

cell = AdminControl.getCell()
targets = ['WebSphere:cell=%s,cluster=%s' % (cell, cluster_name)]
for server in AdminTask.listServers('[-serverType WEB_SERVER]').splitlines():
    node, name = re.search('/nodes/([^/]+)/servers/([^|/]+)', server).groups()
    targets.append('WebSphere:cell=%s,node=%s,server=%s' % (cell, node, name))
mapping = ['-MapModulesToServers', [['.*', '.*', '+'.join(targets)]]]

if application in AdminApp.list().splitlines():
    AdminApp.update(application, 'app', ['-operation', 'update', '-contents', ear] + mapping)
else:
    AdminApp.install(ear, ['-appname', application] + mapping)
AdminConfig.save()
AdminNodeManagement.syncActiveNodes()
