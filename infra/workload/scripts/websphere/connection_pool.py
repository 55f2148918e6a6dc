# wsadmin -lang jython -f connection_pool.py JNDI_NAME
#
# After a failover of the database every pooled connection is dead, not only the one that failed first:
# one failure empties the pool. And a connection attempt to a lost server must end soon.
import sys

jndi_name = sys.argv[0]


def data_source():
    for source in AdminConfig.list('DataSource').splitlines():
        if AdminConfig.showAttribute(source, 'jndiName') == jndi_name:
            return source
    raise Exception('there is no data source ' + jndi_name)


def set_property(source, name, kind, value):
    properties = AdminConfig.showAttribute(source, 'propertySet')
    for known in AdminConfig.list('J2EEResourceProperty', properties).splitlines():
        if AdminConfig.showAttribute(known, 'name') == name:
            AdminConfig.modify(known, [['value', value]])
            return
    AdminConfig.create('J2EEResourceProperty', properties,
                       [['name', name], ['type', kind], ['value', value]])


source = data_source()
AdminConfig.modify(source, [['connectionPool', [
    ['purgePolicy', 'EntirePool'],
    ['connectionTimeout', '30'],
    ['agedTimeout', '1800'],
]]])
set_property(source, 'loginTimeout', 'java.lang.Integer', '10')
AdminConfig.save()
AdminNodeManagement.syncActiveNodes()
