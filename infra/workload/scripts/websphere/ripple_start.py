# wsadmin -lang jython -f ripple_start.py CLUSTER
#
# Restarts the members one after the other and waits until the cluster runs again.
import sys
import time

cluster_name = sys.argv[0]
longest_s = 40 * 60

cell = AdminControl.getCell()
manager = AdminControl.completeObjectName('cell=%s,type=ClusterMgr,*' % cell)
AdminControl.invoke(manager, 'retrieveClusters')
cluster = AdminControl.completeObjectName('cell=%s,type=Cluster,name=%s,*' % (cell, cluster_name))

AdminControl.invoke(cluster, 'rippleStart')
# For a while after the order the old state is still reported.
time.sleep(60)
begun = time.time()
while AdminControl.getAttribute(cluster, 'state') != 'websphere.cluster.running':
    if time.time() - begun > longest_s:
        raise Exception('%s does not run %d s after its ripple start' % (cluster_name, longest_s))
    time.sleep(10)
print('%s runs.' % cluster_name)
