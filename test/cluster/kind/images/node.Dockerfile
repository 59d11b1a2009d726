# What a Dockerfile may expect of the public image node:24-bookworm-slim, npm apart.
ARG BASE
FROM ${BASE}
COPY node /usr/local/bin/node
RUN echo 'root:x:0:0:root:/root:/bin/sh' > /etc/passwd && echo 'node:x:1000:1000::/home/node:/bin/sh' >> /etc/passwd \
    && echo 'root:x:0:' > /etc/group && echo 'node:x:1000:' >> /etc/group \
    && mkdir -p /home/node && chown 1000:1000 /home/node
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["node"]
