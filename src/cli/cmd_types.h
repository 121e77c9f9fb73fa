/* cmd_types.h - what bgc knows of AWS: bgc types, bgc types check.
 *
 * `types` lists the types, `types check --models DIR`
 * holds every declaration against AWS's published models (the `service-2.json`
 * files that SDKs are made from), so that no operation, member, value or error
 * code is misspelt. DIR holds them as SERVICE/VERSION/service-2.json,
 * SERVICE/service-2.json or SERVICE.json. A service whose model has another name
 * says so: `model = "name"`. With FILE, the types that FILE declares are checked.
 * Exit 0: nothing is wrong.
 */
#ifndef BGC_CLI_CMD_TYPES_H
#define BGC_CLI_CMD_TYPES_H

int cmd_types(int argc, char **argv);

#endif
