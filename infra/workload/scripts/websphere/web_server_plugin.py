# wsadmin -lang jython -f web_server_plugin.py
#
# Tells each web server where the application is. Does nothing where there is none.
import re
from java.lang import System

cell = AdminControl.getCell()
generator = AdminControl.queryNames('WebSphere:*,process=dmgr,type=PluginCfgGenerator')
config = System.getProperty('user.install.root') + '/config'
string = 'java.lang.String'

for server in AdminTask.listServers('[-serverType WEB_SERVER]').splitlines():
    node, name = re.search('/nodes/([^/]+)/servers/([^|/]+)', server).groups()
    where = ' '.join([config, cell, node, name])
    AdminControl.invoke(generator, 'generate', '[%s false]' % where,
                        '[%s java.lang.Boolean]' % ' '.join([string] * 4))
    AdminControl.invoke(generator, 'propagate', '[%s]' % where, '[%s]' % ' '.join([string] * 4))
