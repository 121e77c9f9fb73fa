/* service.h - how one AWS service is spoken to: its `service` declaration, read.
 *
 * Concept: a protocol is code, a service is data. The five protocols follow a
 * few general rules; a record lists only where a service departs from them.
 *
 *   service NAME {
 *     protocol = "ec2" | "query" | "rest-xml" | "json" | "rest-json"   (required)
 *     version  = "2016-11-15"      query protocols: the Version parameter
 *     id       = "EC2"             AWS's service id: AWS_ENDPOINT_URL_<ID>; default: NAME
 *     model    = "ec2"             folder of AWS's models, for `bgc types check`; default: NAME
 *     endpoint = "ec2"             host prefix; default: NAME
 *     signing  = "ec2"             name in signatures; default: endpoint
 *     global   = { "aws" => { host = "iam.amazonaws.com", region = "us-east-1" }, ... }
 *                                  per partition; a partition that is absent is regional
 *     fips, dualstack, dualstack_fips = "s3.dualstack.{region}.{suffix}"   host templates
 *     target = "AmazonSSM", json = "1.1"    json: X-Amz-Target prefix and JSON version
 *     xmlns  = "https://..."       rest-xml: of request documents
 *     single_encoding = true       S3: sign the path as sent, with a content hash header
 *     host_label = "Bucket"        S3: this member becomes part of the host or the path
 *     request = { Filters = "Filter", "CreateX.Description" => "GroupDescription" }
 *     reply   = { securityGroupInfo = "SecurityGroups" }
 *     items   = { VpcSecurityGroups = "VpcSecurityGroupMembership" }
 *     item    = "member" | "singular"     default "member" (ec2: always "item")
 *     flat    = { Contents = "Contents" } lists without a wrapping element
 *     maps    = { Attributes = "entry" }  query: members that are maps;
                                  "entry.Name.Value" when key and value are called so
 *     strip   = ["/hostedzone/"]   prefixes that URI parameters lose
 *     operations = { NAME = { method, path, query, headers, ... } }
 *     paging  = { token = "NextToken", next = "NextToken", more = "", limit = ["MaxResults"] }
 *     missing = ["*.NotFound"]     codes that mean: it does not exist
 *     throttle = { ... }           cloud/throttle.h
 *   }
 *
 * Names. A member's name is ours (the model's: "Filters"), its wire name is
 * what travels. Keys of `request` are our names, keys of `reply` are wire names
 * (after the general rule failed), keys of `items` and `flat` are our names;
 * each may be qualified by its parent, "Parent.Name", and the qualified one
 * wins. The parent of a top-level member is the operation; list elements have
 * the list's name as parent. General rules:
 *   ec2 requests   a list loses its plural ("Filters" goes as Filter.1), else as is
 *   ec2 replies    the first letter is raised; "xSet" becomes the plural "Xs"
 *   others         our name is the wire name
 *   list elements  ec2 "item"; query and rest-xml "member", or the singular
 * An empty element is an empty list when its name is a plural or ends in "List"
 * or "Set" or stands in `items` or `flat`, else an empty text. Numbers and
 * booleans of an XML wire stay texts: the lens converts.
 *
 * operations: `method` (default GET) and `path` "/2013-04-01/hostedzone/{Id}"
 * ("{Key+}" keeps slashes); `query` and `headers` map wire names to members (for
 * query, "" is a bare flag and "=x" a constant); `reads` maps reply headers to
 * members (also in the record itself, for all operations); `body` the member
 * that is the request's document, `root` its element (default `body`, else
 * NAMERequest with all members that have no other place); `blob` the member that
 * is the request's raw bytes; `reply_body` and `reply_blob` the same of replies
 * (text without NUL), `reply_text` a document that is one element of text, `reply_none` that
 * whatever stands there means nothing; `page` overrides
 `paging`, and `page = {}` turns it off;
 * `checksum = true` adds a SHA-256 one.
 * Base64 members (blobs) travel as they are given: encoding them is the lens's.
 */
#ifndef BGC_AWS_SERVICE_H
#define BGC_AWS_SERVICE_H

#include "base/value.h"

enum wire_protocol { WIRE_EC2, WIRE_QUERY, WIRE_REST_XML, WIRE_JSON, WIRE_REST_JSON };

struct service_model {
    const char *name;
    enum wire_protocol protocol;
    const char *version, *id, *endpoint, *signing, *target, *json_version, *xmlns, *host_label;
    bool single_encoding, singular;
    const struct value *record;
};

/* false, with *error in words, when the record is not usable. Keeps `record`. */
bool service_model_build(struct arena *a, const char *name, const struct value *record,
                         struct service_model *out, const char **error);

/* The operation's record; NULL when it has none of its own. */
const struct value *service_operation(const struct service_model *m, const char *operation);

/* Our name to the wire's. */
const char *service_request_name(struct arena *a, const struct service_model *m, const char *parent,
                                 const char *member, bool list);
/* The wire's name to ours. */
const char *service_reply_name(struct arena *a, const struct service_model *m, const char *parent,
                               const char *wire);
/* The element's name of a list member; *flat: elements stand for themselves
 * under the name that is returned. */
const char *service_item_name(struct arena *a, const struct service_model *m, const char *parent,
                              const char *member, bool *flat);
/* Whether an element of that name is a list, however many children it has. */
bool service_is_list(const struct service_model *m, const char *parent, const char *member);
/* Our name of the flat list whose elements have this wire name; NULL: none. */
const char *service_flat_reply(const struct service_model *m, const char *parent, const char *wire);

/* "VpcIds" to "VpcId", "Policies" to "Policy". */
const char *service_singular(struct arena *a, const char *plural);

/* Whether an error code says that the thing does not exist. */
bool service_missing(const struct service_model *m, const char *code);
/* "*" matches any run of characters. */
bool service_glob(const char *pattern, const char *text);

struct service_paging {
    const struct value *token, *next; /* STRING, or LIST of STRING of equal length */
    const char *more;                 /* member that must be true for a further page; NULL */
};
/* false: the operation has no pages, or the input asks for a limit or a page itself. */
bool service_paging(const struct service_model *m, const char *operation, const struct value *input,
                    struct service_paging *out);

#endif
