# What this repository uses of the public image postgres:15, with Debian's PostgreSQL.
ARG BASE
FROM ${BASE} AS trimmed
# Just-in-time compilation, Perl and documentation are four fifths of what the packages bring along.
RUN rm -rf /usr/lib/*/libLLVM* /usr/lib/llvm* /usr/lib/postgresql/15/lib/llvmjit* /usr/lib/postgresql/15/lib/bitcode \
        /usr/lib/*/perl* /usr/share/perl* /usr/share/doc /usr/share/man /usr/share/locale /usr/bin/perl* \
    && echo 'root:x:0:0:root:/root:/bin/sh' > /etc/passwd \
    && echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >> /etc/passwd \
    && echo 'root:x:0:' > /etc/group && echo 'postgres:x:999:' >> /etc/group \
    && mkdir -p /var/lib/postgresql/data /var/run/postgresql \
    && chown -R 999:999 /var/lib/postgresql /var/run/postgresql
COPY docker-entrypoint.sh /usr/local/bin/
FROM scratch
COPY --from=trimmed / /
ENV PATH=/usr/local/bin:/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PGDATA=/var/lib/postgresql/data
USER 999:999
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
