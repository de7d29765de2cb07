import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import {
  ArrowDownloadRegular,
  ArrowSwapRegular,
  ArrowSyncRegular,
  DeleteRegular,
  DismissRegular,
  EditRegular,
  MoreHorizontalRegular,
} from "@fluentui/react-icons";
import type { Row } from "./rows";

/** What can be done with a line of the list. */
export interface RowActions {
  refresh: (row: Row) => void;
  replace: (row: Row) => void;
  edit: (row: Row) => void;
  discard: (row: Row) => void;
  download: (row: Row) => void;
  remove: (row: Row) => void;
  uses: (row: Row) => void;
}

/** RowMenu is the menu at the end of a line. */
export function RowMenu({ row, actions }: { row: Row; actions: RowActions }) {
  const fromVault = Boolean(row.stored?.properties.keyVault?.secretIdentifier);
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={`Actions for ${row.id}`} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {row.pending ? (
            <MenuItem icon={<EditRegular />} onClick={() => actions.edit(row)}>
              Edit
            </MenuItem>
          ) : null}
          {row.pending ? (
            <MenuItem icon={<DismissRegular />} onClick={() => actions.discard(row)}>
              Discard
            </MenuItem>
          ) : null}
          {fromVault ? (
            <MenuItem icon={<ArrowSyncRegular />} onClick={() => actions.refresh(row)}>
              Refresh from key vault
            </MenuItem>
          ) : null}
          {row.stored && !row.pending ? (
            <MenuItem icon={<ArrowSwapRegular />} onClick={() => actions.replace(row)}>
              Replace
            </MenuItem>
          ) : null}
          {row.details ? (
            <MenuItem icon={<ArrowDownloadRegular />} onClick={() => actions.download(row)}>
              Download public part
            </MenuItem>
          ) : null}
          {row.stored ? (
            <MenuItem icon={<DeleteRegular />} onClick={() => actions.remove(row)}>
              Delete
            </MenuItem>
          ) : null}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
