# One image for every program of the control plane; kube-proxy calls iptables, whose names Debian's scripts would link.
ARG BASE
FROM ${BASE}
RUN for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do \
        ln -sf xtables-nft-multi /usr/sbin/$name; \
    done
COPY kubernetes /usr/local/bin/kubernetes
RUN for name in etcd kube-apiserver kube-controller-manager kube-proxy kube-scheduler; do \
        ln -s kubernetes /usr/local/bin/$name; \
    done
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
