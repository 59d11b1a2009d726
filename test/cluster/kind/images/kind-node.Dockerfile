# kind's node image (images/base/Dockerfile in kind's module) with Debian's containerd, runc and network plugins in
# place of kind's own builds. FILES is images/base/files of that module, BASE a Debian with the packages in it.
ARG BASE
FROM ${BASE}
COPY files/ /
COPY bridge.conflist /etc/cni/net.d/10-bridge.conflist
ARG VERSION
ARG PAUSE
RUN set -eu; \
    chmod 0755 /kind /kind/bin /kind/bin/* /usr/local/bin/*; \
    for name in kubeadm kubectl kubelet; do ln -s /usr/local/bin/kubernetes /usr/bin/$name; done; \
    ln -s /usr/bin/containerd /usr/local/bin/containerd; \
    mkdir -p /opt/cni/bin /etc/kubernetes/manifests; \
    ln -s /usr/lib/cni/* /opt/cni/bin/; \
    # systemd starts what kind needs and nothing else.
    find /lib/systemd/system/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete; \
    rm -f /lib/systemd/system/multi-user.target.wants/* /etc/systemd/system/*.wants/* \
        /lib/systemd/system/local-fs.target.wants/* /lib/systemd/system/sockets.target.wants/*udev* \
        /lib/systemd/system/sockets.target.wants/*initctl* /lib/systemd/system/basic.target.wants/*; \
    echo ReadKMsg=no >> /etc/systemd/journald.conf; \
    ln -sf /lib/systemd/systemd /sbin/init; \
    systemctl enable kubelet.service containerd.service undo-mount-hacks.service; \
    systemctl mask systemd-binfmt.service; \
    # The pause image that is loaded below; no rootless snapshotter; a machine without CAP_SYS_RESOURCE cannot lower a
    # process's out-of-memory score.
    sed -i -e "s|^ *sandbox_image = .*|  sandbox_image = \"$PAUSE\"|" -e '/^\[proxy_plugins/,/^$/d' \
        -e 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' /etc/containerd/config.toml; \
    ctr oci spec \
        | jq '.hooks.createContainer += [{"path": "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' \
        > /etc/containerd/cri-base.json; \
    printf %s "$VERSION" > /kind/version
ENV container=docker
# After the scripts' modes are set: a layer that changes a file holds all of it.
COPY kubernetes /usr/local/bin/kubernetes
# systemd ends at this signal, not at SIGTERM.
STOPSIGNAL SIGRTMIN+3
